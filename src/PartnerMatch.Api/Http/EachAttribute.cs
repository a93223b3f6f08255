namespace PartnerMatch.Api.Http;

/// <summary>The bounds of each entry of a list or of each value of a dictionary, for the document; attributes of validation tell those of the whole only.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EachAttribute : Attribute
{
    public int MinLength { get; init; }

    public int MaxLength { get; init; }

    public string? Pattern { get; init; }

    public double Minimum { get; init; } = double.NaN;

    public double Maximum { get; init; } = double.NaN;
}
