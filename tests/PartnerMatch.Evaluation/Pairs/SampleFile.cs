using System.Globalization;
using CsvHelper.Configuration.Attributes;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Evaluation.Inputs;

namespace PartnerMatch.Evaluation.Pairs;

/// <summary>The sample, read as the service reads it into an empty database; what the ranking does not see is left out.</summary>
internal static class SampleFile
{
    public static IEnumerable<(string Id, EnterpriseRequest Request)> Read() =>
        CsvFiles.Read<Row>(Path.Combine(Workbench.DbFolder, "sample", "enterprises.csv")).Select(r => (r.Id, r.ToRequest()));

    private sealed class Row
    {
        [Name("id")]
        public string Id { get; init; } = "";

        [Name("name")]
        public string Name { get; init; } = "";

        [Name("country")]
        public string Country { get; init; } = "";

        [Name("region")]
        public string Region { get; init; } = "";

        [Name("city")]
        public string City { get; init; } = "";

        [Name("activity")]
        public string Activity { get; init; } = "";

        [Name("offers")]
        public string Offers { get; init; } = "";

        [Name("employees")]
        public int? Employees { get; init; }

        [Name("markets")]
        public string Markets { get; init; } = "";

        public EnterpriseRequest ToRequest() => new()
        {
            Name = Name,
            Country = Country,
            Region = Region,
            City = City.Length > 0 ? City : null,
            Activity = Activity.Length > 0 ? Activity : null,
            Offers = [.. CsvFiles.Split(Offers).Select(ToOffer)],
            Employees = Employees,
            Markets = CsvFiles.Split(Markets),
        };

        private static OfferEntry ToOffer(string entry)
        {
            var parts = entry.Split('=');
            return new OfferEntry { Code = parts[0], Strength = parts.Length > 1 ? double.Parse(parts[1], CultureInfo.InvariantCulture) : 1 };
        }
    }
}
