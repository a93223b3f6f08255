namespace PartnerMatch.Api.Replay;

internal static class ReplayServices
{
    public static IServiceCollection AddReplay(this IServiceCollection services) => services
        .AddSingleton<DataVersionLog>()
        .AddSingleton<ReferenceArchive>()
        .AddSingleton<ScarcityEpochs>()
        .AddSingleton<PairHistory>();
}
