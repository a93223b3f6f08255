using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Benchmarks.Generating;

/// <summary>Generated knowledge and enterprises under the product's own forms, weights, corridor and regions.</summary>
internal sealed class World
{
    public const int Seed = 20250721;

    private readonly EnterpriseGenerator _generator;

    private World(ReferenceCatalog reference)
    {
        Reference = reference;
        _generator = new EnterpriseGenerator(reference.Knowledge, Seed);
        Corridor = reference.Corridors.Single(c => c.Id == MatchDefaults.Corridor).ToCorridor();
    }

    public ReferenceCatalog Reference { get; }

    /// <summary>Meters that nobody reads.</summary>
    private static IMeterFactory Meters { get; } = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    public RankingKnowledge Knowledge => Reference.Knowledge;

    public Corridor Corridor { get; }

    /// <summary>The taxonomy and links are made up.</summary>
    public static World Generated()
    {
        var product = ReferenceFiles.Load(Path.Combine(Preparation.DbFolder, "reference"));
        var knowledge = GeneratedKnowledge.Create(Seed, product.Knowledge.Parameters);
        return new World(new ReferenceCatalog(knowledge, product.Forms, product.Regions, product.Countries, [], product.Corridors, "generated"));
    }

    /// <summary>The taxonomy and links are the product's.</summary>
    public static World OfProduct() => new(ReferenceFiles.Load(Path.Combine(Preparation.DbFolder, "reference")));

    /// <summary>Those who ask, of Belarus.</summary>
    public EnterpriseProfile[] Subjects(int count) => [.. _generator.First(count, Seed + 1)];

    /// <summary>Those who are found, of Samara Oblast.</summary>
    public EnterpriseProfile[] Candidates(int count) => [.. _generator.Second(count, Seed + 2)];

    /// <summary>Without end: a candidate drawn at random with a profile that it did not have before.</summary>
    public IEnumerable<EnterpriseProfile> Changes(int candidates)
    {
        var random = new Random(Seed + 3);
        return _generator.Second(int.MaxValue, Seed + 4).Select(p => p with { Id = EnterpriseGenerator.IdOf(EnterpriseGenerator.SecondSide, random.Next(candidates)) });
    }

    /// <summary>The service's directory, filled.</summary>
    public EnterpriseDirectory Directory(IEnumerable<EnterpriseProfile> profiles)
    {
        var directory = new EnterpriseDirectory(Reference, new IndexMeter(Meters, TimeProvider.System), NullLogger<EnterpriseDirectory>.Instance);
        directory.Load(0, profiles, ScarcityEpoch.Unmeasured(Knowledge, [Corridor]));
        return directory;
    }
}
