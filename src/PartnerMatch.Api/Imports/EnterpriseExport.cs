using System.Runtime.CompilerServices;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Api.Imports;

/// <summary>Enterprises in the shapes that import takes, one at a time.</summary>
internal sealed class EnterpriseExport(EnterpriseStore store)
{
    public Task<int> CountAsync(EnterpriseFilter filter, CancellationToken cancellation) => store.CountAsync(filter, cancellation);

    /// <summary>Whole profiles, with contacts.</summary>
    public IAsyncEnumerable<Enterprise> ReadLinesAsync(EnterpriseFilter filter, CancellationToken cancellation) => store.FindAllAsync(filter, cancellation);

    /// <summary>The header, then the cells of each enterprise.</summary>
    public async IAsyncEnumerable<IReadOnlyList<object?>> ReadCellsAsync(EnterpriseFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return SheetColumns.All;
        await foreach (var enterprise in store.FindAllAsync(filter, cancellation))
        {
            yield return SheetColumns.ToCells(enterprise);
        }
    }
}

/// <summary>Which enterprises to export, and how.</summary>
internal sealed record ExportQuery(
    [FromQuery(Name = "format")] EnumParameter<ImportFormat>? Format,
    [FromQuery(Name = "region")] string? Region,
    [FromQuery(Name = "competency")] string? Competency,
    [FromQuery(Name = "q")] string? Text,
    [FromQuery(Name = "status")] EnumParameter<ProfileStatus>? Status)
{
    public EnterpriseFilter ToFilter() => new(Region, Competency, Text, Status?.Value, null, int.MaxValue);
}

internal sealed class ExportQueryValidator : AbstractValidator<ExportQuery>
{
    public ExportQueryValidator(ReferenceCatalog reference)
    {
        RuleFor(q => q.Region).IsKnownPlace(reference);
        RuleFor(q => q.Competency).IsKnownCompetency(reference);
        RuleFor(q => q.Text).IsSearchable().OverridePropertyName("q");
    }
}
