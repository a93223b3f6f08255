using CsCheck;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Ranking.Tests;

/// <summary>Random profiles over <see cref="SmallWorld"/>.</summary>
internal static class WorldGen
{
    private static readonly string[] Codes = [.. SmallWorld.Tree.Competencies.Select(c => c.Code)];
    private static readonly string[] MarketCodes = ["BY", "RU", "RU-SAM", "KZ", "UZ"];
    private static readonly Gen<double> Share = Gen.Int[1, 20].Select(i => i / 20.0);
    private static readonly Gen<string> Code = Gen.Int[0, Codes.Length - 1].Select(i => Codes[i]);

    public static readonly Gen<Offer> Offer = Gen.Select(Code, Share, (code, strength) => new Offer(code, strength));
    public static readonly Gen<Need> Need = Gen.Select(Code, Share, (code, urgency) => new Need(code, urgency));

    public static readonly Gen<EnterpriseProfile> Belarusian = Profile("BY", "BY-HM");
    public static readonly Gen<EnterpriseProfile> Samaran = Profile("RU", "RU-SAM");

    /// <summary>Up to a dozen enterprises of the other side under distinct ids, of any status.</summary>
    public static readonly Gen<EnterpriseProfile[]> Samarans = Gen.Select(Samaran, Gen.Int[0, 9])
        .Select((profile, status) => profile with { Status = status switch { 0 => ProfileStatus.Withdrawn, 1 => ProfileStatus.Ceased, 2 => ProfileStatus.Draft, _ => ProfileStatus.Published } })
        .Array[0, 12]
        .Select(profiles => profiles.Select((p, i) => p with { Id = $"s{i:00}", Name = $"s{i:00}" }).ToArray());

    private static Gen<EnterpriseProfile> Profile(string country, string region) => Gen.Select(
        Offer.List[0, 4],
        Need.List[0, 3],
        Gen.Int[0, MarketCodes.Length - 1].List[0, 3],
        Gen.Int[0, 5000],
        Gen.Select(Gen.Double[50, 56], Gen.Double[25, 52]),
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3]),
        (offers, needs, markets, employees, place, agreements) => new EnterpriseProfile
        {
            Id = country.ToLowerInvariant(),
            Name = country,
            Country = country,
            Region = region,
            Offers = [.. offers.DistinctBy(o => o.Code)],
            Needs = [.. needs.DistinctBy(n => n.Code)],
            Markets = [.. markets.Distinct().Select(m => MarketCodes[m])],
            Employees = employees == 0 ? null : employees,
            Location = employees % 7 == 0 ? null : new GeoPoint(place.Item1, place.Item2),
            Agreements = new AgreementRecord(agreements.Item1, agreements.Item2),
        });
}
