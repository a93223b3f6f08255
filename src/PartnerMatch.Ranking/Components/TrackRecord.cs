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

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        if (Known(pair.Agreements) is { } between)
        {
            return Of(Value(between));
        }

        var records = new[] { Known(pair.Giver.Profile.Agreements), Known(pair.Receiver.Profile.Agreements) }.OfType<AgreementRecord>().ToArray();
        return records.Length == 0 ? ComponentValue.NoEvidence : Of(records.Average(Value));
    }

    private static AgreementRecord? Known(AgreementRecord? record) => record is { Kept: 0, Broken: 0 } ? null : record;

    private static double Value(AgreementRecord record) => (double)(record.Kept - record.Broken) / (record.Kept + record.Broken + 2);

    private static ComponentValue Of(double value) =>
        new(value, [new Term { Kind = TermKind.Agreements, Value = value, Evidence = Evidence.Stated }], 1);
}
