namespace PartnerMatch.Ranking.Profiles;

/// <summary>What the ranking knows of an enterprise. Facts that are not known are null or empty; nothing is guessed here.</summary>
public sealed record EnterpriseProfile
{
    /// <summary>Opaque and unique; the last word on ties.</summary>
    public required string Id { get; init; }

    /// <summary>The name in English or in Latin letters.</summary>
    public required string Name { get; init; }

    /// <summary>The name in Russian, if known.</summary>
    public string? NameRu { get; init; }

    /// <summary>ISO 3166-1 alpha-2 code of the country.</summary>
    public required string Country { get; init; }

    /// <summary>ISO 3166-2 code of the region.</summary>
    public required string Region { get; init; }

    /// <summary>The town of the site, if known.</summary>
    public string? City { get; init; }

    /// <summary>Where the site is; null where not even the region's place is known.</summary>
    public GeoPoint? Location { get; init; }

    /// <summary>The location is that of the region, not of the site's town.</summary>
    public bool LocationIsApproximate { get; init; }

    /// <summary>Number of employees, at least 1.</summary>
    public int? Employees { get; init; }

    /// <summary>Yearly revenue, above zero.</summary>
    public Money? Revenue { get; init; }

    /// <summary>ISO 3166 codes of the countries or regions it sells in; empty where nothing is stated, and then its home country is inferred.</summary>
    public IReadOnlyList<string> Markets { get; init; } = [];

    /// <summary>What it makes or does.</summary>
    public IReadOnlyList<Offer> Offers { get; init; } = [];

    /// <summary>What it says it looks for.</summary>
    public IReadOnlyList<Need> Needs { get; init; } = [];

    /// <summary>Where the profile stands; only a published one is a candidate.</summary>
    public ProfileStatus Status { get; init; } = ProfileStatus.Published;

    /// <summary>Agreements with anybody that were kept and broken; null where none is known.</summary>
    public AgreementRecord? Agreements { get; init; }
}

/// <summary>A competency that an enterprise makes or does.</summary>
/// <param name="Code">A code of the taxonomy.</param>
/// <param name="Strength">In (0,1]; 1 is a core product.</param>
public sealed record Offer(string Code, double Strength = 1);

/// <summary>A competency that an enterprise says it looks for.</summary>
/// <param name="Code">A code of the taxonomy.</param>
/// <param name="Urgency">In (0,1].</param>
public sealed record Need(string Code, double Urgency = 1);

/// <summary>A point on the globe in degrees (WGS 84).</summary>
/// <param name="Latitude">-90 to 90.</param>
/// <param name="Longitude">-180 to 180.</param>
public sealed record GeoPoint(double Latitude, double Longitude)
{
    private const double EarthRadiusKm = 6371.0088;

    /// <summary>Great-circle distance in kilometres (haversine formula, mean Earth radius).</summary>
    public double DistanceKmTo(GeoPoint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var dLat = double.DegreesToRadians(other.Latitude - Latitude);
        var dLon = double.DegreesToRadians(other.Longitude - Longitude);
        var h = Square(Math.Sin(dLat / 2))
            + (Math.Cos(double.DegreesToRadians(Latitude)) * Math.Cos(double.DegreesToRadians(other.Latitude)) * Square(Math.Sin(dLon / 2)));
        return 2 * EarthRadiusKm * Math.Asin(Math.Min(1, Math.Sqrt(h)));
    }

    private static double Square(double x) => x * x;
}

/// <summary>An amount of money.</summary>
/// <param name="Amount">In whole units of the currency.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record Money(decimal Amount, string Currency);

/// <summary>Where a profile stands.</summary>
public enum ProfileStatus
{
    /// <summary>Not public yet.</summary>
    Draft,

    /// <summary>Public: may be recommended.</summary>
    Published,

    /// <summary>Taken back by its owner.</summary>
    Withdrawn,

    /// <summary>The enterprise is known to have ceased.</summary>
    Ceased,
}

/// <summary>How agreements ended.</summary>
/// <param name="Kept">Honoured agreements, at least 0.</param>
/// <param name="Broken">Broken agreements, at least 0.</param>
public sealed record AgreementRecord(int Kept, int Broken);
