using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using FluentValidation;
using PartnerMatch.Api.Matches;

namespace PartnerMatch.Api.Enterprises;

/// <summary>Fills an empty database with the sample, under the sample's own ids; all of it or nothing.</summary>
internal sealed partial class SampleLoader(EnterpriseStore store, EnterpriseDirectory directory, IValidator<EnterpriseRequest> validator, ILogger<SampleLoader> log)
{
    private const string Disclaimer = "Sample compiled from public facts; it may be out of date.";

    public async Task LoadAsync(string file, CancellationToken cancellation)
    {
        if (directory.Current.Sequence > 0)
        {
            return;
        }

        var entries = Read(file);
        foreach (var (id, request) in entries)
        {
            var errors = validator.Validate(request).Errors;
            if (errors.Count > 0)
            {
                throw new InvalidDataException($"The sample enterprise '{id}' is not valid: {errors[0].PropertyName}: {errors[0].ErrorMessage}");
            }
        }

        await store.CreateAsync(entries, cancellation);
        LogLoaded(log, entries.Count);
    }

    private static List<(string Id, EnterpriseRequest Request)> Read(string file)
    {
        using var reader = new CsvReader(new StreamReader(file), new CsvConfiguration(CultureInfo.InvariantCulture) { TrimOptions = TrimOptions.Trim });
        return [.. reader.GetRecords<SampleRow>().Select(row => (row.id, row.ToRequest()))];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Count} sample enterprises into the empty database")]
    private static partial void LogLoaded(ILogger log, int count);

#pragma warning disable IDE1006 // The columns' own names.
    private sealed record SampleRow(
        string id,
        string name,
        string name_ru,
        string country,
        string region,
        string city,
        string activity,
        string offers,
        int? employees,
        int? founded,
        string website,
        string markets,
        string note)
    {
        public EnterpriseRequest ToRequest() => new()
        {
            Name = name,
            NameRu = OrNull(name_ru),
            Country = country,
            Region = region,
            City = OrNull(city),
            Activity = OrNull(activity),
            Offers = [.. Split(offers).Select(ToOffer)],
            Employees = employees,
            Founded = founded,
            Website = OrNull(website),
            Markets = Split(markets),
            Sources = note.Length > 0 ? [Disclaimer, note] : [Disclaimer],
        };

        private static OfferEntry ToOffer(string entry)
        {
            var parts = entry.Split('=');
            return new OfferEntry { Code = parts[0], Strength = parts.Length > 1 ? double.Parse(parts[1], CultureInfo.InvariantCulture) : 1 };
        }

        private static string? OrNull(string text) => text.Length > 0 ? text : null;

        private static string[] Split(string list) => list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
#pragma warning restore IDE1006
}
