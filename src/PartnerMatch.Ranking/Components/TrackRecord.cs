using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// Agreements kept and broken, in (-1,1): <c>(kept - broken) / (kept + broken + 2)</c> between the two; where they have none, the mean of that of
/// each with anybody. The two added outcomes shrink a short record towards unknown (Laplace's rule).
/// </summary>
internal sealed class TrackRecord : IComponent
{
    public string Name => "track-record";

    public bool IsDirected => false;

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Track record", "Опыт соглашений"),
        Definition = new(
            "Agreements kept and broken between the two; where there are none, the mean of that of each with anybody. Broken ones score below unknown.",
            "Соблюдённые и нарушенные соглашения между сторонами; если их нет — среднее по соглашениям каждой с кем бы то ни было. Нарушения оцениваются ниже неизвестности."),
        Range = new(-1, 1, IncludesFrom: false, IncludesTo: false),
        Formula = "(kept - broken) / (kept + broken + 2)",
        Parameters = [],
        Source = "Laplace's rule of succession, on a scale from -1 to 1.",
        Facts = new(
            "Agreements of the two, or of either.",
            "Соглашения между сторонами или любой из них."),
        TermKinds = [TermKind.Agreements],
        Terms = new(
            "Agreements kept less agreements broken.",
            "Соблюдённые соглашения за вычетом нарушенных."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        if (Known(pair.Agreements) is { } between)
        {
            return Of(Value(between), pair);
        }

        return (Known(pair.Giver.Profile.Agreements), Known(pair.Receiver.Profile.Agreements)) switch
        {
            ({ } giver, { } receiver) => Of((Value(giver) + Value(receiver)) / 2, pair),
            ({ } giver, null) => Of(Value(giver), pair),
            (null, { } receiver) => Of(Value(receiver), pair),
            (null, null) => ComponentValue.NoEvidence,
        };
    }

    private static AgreementRecord? Known(AgreementRecord? record) => record is { Kept: 0, Broken: 0 } ? null : record;

    private static double Value(AgreementRecord record) => (double)(record.Kept - record.Broken) / (record.Kept + record.Broken + 2);

    private static ComponentValue Of(double value, in OrderedPair pair) =>
        new(value, pair.Explains ? [new Term { Kind = TermKind.Agreements, Value = value, Evidence = Evidence.Stated }] : [], 1);
}
