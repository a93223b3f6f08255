using PartnerMatch.Api.Tests;
using Xunit.Abstractions;

namespace PartnerMatch.Soak;

/// <summary>A short round of each fault of the soak.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly Effort Short = new(Seed: 1, IsShort: true);

    [Fact]
    public Task Kills_at_random_moments_lose_nothing() => HoldsAsync(new Kills());

    [SmallDiskFact]
    public Task A_full_disk_loses_nothing_and_needs_no_restart() => HoldsAsync(new FullDisk());

    [SmallDiskFact]
    public Task A_disk_that_takes_no_writes_loses_nothing_and_needs_no_restart() => HoldsAsync(new ReadOnlyDisk());

    [ClockFact]
    public Task Jumps_of_the_clock_lose_nothing_and_stop_nothing() => HoldsAsync(new ClockJumps());

    [Fact]
    public Task A_crowd_of_writers_and_readers_is_served() => HoldsAsync(new Crowd());

    [Fact]
    public Task Slow_clients_are_cut_off_and_keep_nobody_else_waiting() => HoldsAsync(new SlowClients());

    [Fact]
    public Task A_large_import_takes_little_memory_and_goes_on_after_a_kill() => HoldsAsync(new LargeImport());

    private async Task HoldsAsync(Fault fault)
    {
        var outcomes = await fault.RunAsync(Short);
        output.WriteLine(Outcome.ToTable(outcomes));
        Assert.NotEmpty(outcomes);
        Assert.All(outcomes, o => Assert.True(o.Tally.Acknowledged > 0, $"{o.Tried}: nothing was acknowledged"));
        Assert.Empty(outcomes.SelectMany(o => o.Tally.Told));
    }
}

/// <summary>A test that sets the clock of the service; skipped by name where the library for that is not installed.</summary>
internal sealed class ClockFactAttribute : FactAttribute
{
    public ClockFactAttribute() => Skip = new ClockJumps().Obstacle;
}
