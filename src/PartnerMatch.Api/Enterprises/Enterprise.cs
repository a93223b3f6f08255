using System.Text.Json.Serialization;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Profiles;
using Profile = PartnerMatch.Ranking.Profiles.EnterpriseProfile;

namespace PartnerMatch.Api.Enterprises;

/// <summary>A stored enterprise, as it is answered. What is not known is null or empty.</summary>
internal sealed record Enterprise
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? NameRu { get; init; }

    public string? NameBe { get; init; }

    public required string Country { get; init; }

    public required string Region { get; init; }

    public string? City { get; init; }

    public Location? Location { get; init; }

    public string? Activity { get; init; }

    public IReadOnlyList<Identifier> Identifiers { get; init; } = [];

    public int? Employees { get; init; }

    public Revenue? Revenue { get; init; }

    public int? Founded { get; init; }

    public string? Website { get; init; }

    public IReadOnlyList<string> Languages { get; init; } = [];

    public IReadOnlyList<string> Markets { get; init; } = [];

    public IReadOnlyList<string> Certificates { get; init; } = [];

    public IReadOnlyList<Offered> Offers { get; init; } = [];

    public IReadOnlyList<Needed> Needs { get; init; } = [];

    public ProfileStatus Status { get; init; }

    public string? Owner { get; init; }

    public IReadOnlyList<Contact> Contacts { get; init; } = [];

    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Counts the changes of this profile, from 1.</summary>
    public int Revision { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How often its contacts were erased, which is no change of the profile.</summary>
    [JsonIgnore]
    public int ContactErasures { get; init; }

    /// <summary>Whether it has contacts that the caller does not see.</summary>
    [JsonIgnore]
    public bool HidesContacts { get; init; }

    /// <summary>
    /// Names what is answered: by what is stored, and apart where contacts are hidden, so that nobody who may see them is told that the answer
    /// without them still holds. An enterprise that was deleted and comes back counts its revisions on.
    /// </summary>
    [JsonIgnore]
    public string Version => FormattableString.Invariant($"{Revision}.{ContactErasures}{(HidesContacts ? ".shared" : "")}");

    public static Enterprise From(string id, EnterpriseRequest request, int revision, DateTimeOffset createdAt, DateTimeOffset now) => new()
    {
        Id = id,
        Name = request.Name.Trim(),
        NameRu = request.NameRu?.Trim(),
        NameBe = request.NameBe?.Trim(),
        Country = request.Country,
        Region = request.Region,
        City = request.City?.Trim(),
        Location = request.Location,
        Activity = request.Activity,
        Identifiers = request.Identifiers ?? [],
        Employees = request.Employees,
        Revenue = request.Revenue,
        Founded = request.Founded,
        Website = request.Website,
        Languages = request.Languages ?? [],
        Markets = request.Markets ?? [],
        Certificates = request.Certificates ?? [],
        Offers = [.. (request.Offers ?? []).Select(o => new Offered(o.Code, o.Text, o.Strength ?? 1, o.Confidence))],
        Needs = [.. (request.Needs ?? []).Select(n => new Needed(n.Code, n.Text, n.Urgency ?? 1, n.Confidence))],
        Status = request.Status ?? ProfileStatus.Published,
        Owner = request.Owner,
        Contacts = request.Contacts ?? [],
        Sources = request.Sources ?? [],
        Revision = revision,
        CreatedAt = createdAt,
        UpdatedAt = now,
    };

    /// <summary>What a merge patch is applied to: the fields that a request may set, and no others.</summary>
    public EnterpriseRequest ToRequest() => new()
    {
        Name = Name,
        NameRu = NameRu,
        NameBe = NameBe,
        Country = Country,
        Region = Region,
        City = City,
        Location = Location,
        Activity = Activity,
        Identifiers = Identifiers,
        Employees = Employees,
        Revenue = Revenue,
        Founded = Founded,
        Website = Website,
        Languages = Languages,
        Markets = Markets,
        Certificates = Certificates,
        Offers = [.. Offers.Select(o => new OfferEntry { Code = o.Code, Text = o.Text, Strength = o.Strength, Confidence = o.Confidence })],
        Needs = [.. Needs.Select(n => new NeedEntry { Code = n.Code, Text = n.Text, Urgency = n.Urgency, Confidence = n.Confidence })],
        Status = Status,
        Owner = Owner,
        Contacts = Contacts,
        Sources = Sources,
    };

    /// <summary>What the ranking sees of it. Codes and names that the reference data has are taken from there: a million profiles then hold them once.</summary>
    public Profile ToProfile(ReferenceCatalog reference)
    {
        var city = City is null ? null : reference.FindCity(Region, City);
        var region = reference.FindRegion(Region);
        var site = Location is null ? city?.Location : new GeoPoint(Location.Latitude, Location.Longitude);
        return new Profile
        {
            Id = Id,
            Name = Name,
            NameRu = NameRu,
            Country = CodeOf(Country),
            Region = region?.Code ?? Region,
            City = City == city?.En ? city?.En : City,
            Location = site ?? region?.Centre,
            LocationIsApproximate = site is null,
            Employees = Employees,
            Revenue = Revenue is null ? null : new Money(Revenue.Amount, Revenue.Currency),
            Markets = [.. Markets.Select(CodeOf)],
            Offers = [.. Offers.Where(o => o.Code is not null).Select(o => new Offer(Known(o.Code!), o.Strength * (o.Confidence ?? 1)))],
            Needs = [.. Needs.Where(n => n.Code is not null).Select(n => new Need(Known(n.Code!), n.Urgency * (n.Confidence ?? 1)))],
            Status = Status,
        };

        string CodeOf(string place) => reference.FindCountry(place)?.Code ?? reference.FindRegion(place)?.Code ?? place;

        string Known(string code) => reference.Tree.Find(code)?.Code ?? code;
    }
}

/// <summary>A competency that an enterprise offers.</summary>
/// <param name="Code">Its code; null where the words mean none yet.</param>
/// <param name="Text">The enterprise's own words.</param>
/// <param name="Strength">In (0,1]; 1 is a core product.</param>
/// <param name="Confidence">How surely the words mean the code, in (0,1]; null where the code was stated. The ranking counts strength times confidence.</param>
internal sealed record Offered(string? Code, string? Text, double Strength, double? Confidence = null);

/// <summary>A competency that an enterprise looks for.</summary>
/// <param name="Code">Its code; null where the words mean none yet.</param>
/// <param name="Text">The enterprise's own words.</param>
/// <param name="Urgency">In (0,1].</param>
/// <param name="Confidence">How surely the words mean the code, in (0,1]; null where the code was stated. The ranking counts urgency times confidence.</param>
internal sealed record Needed(string? Code, string? Text, double Urgency, double? Confidence = null);
