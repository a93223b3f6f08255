using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// The harmonic mean of the two directions of supply, 0 for (0,0), in [0,1): how far each side gains (the reciprocal score of
/// Pizzato et al. 2010). A bonus, never a gate: most real industrial pairs run one way.
/// </summary>
internal sealed class Reciprocity : IComponent
{
    public const string ComponentName = "reciprocity";

    public string Name => ComponentName;

    public bool IsDirected => false;

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Reciprocity", "Взаимность"),
        Definition = new(
            "How far each side gains: the harmonic mean of supply both ways. A bonus, never a gate, as most industrial pairs run one way.",
            "Насколько выигрывает каждая сторона: среднее гармоническое поставки в обе стороны. Это надбавка, а не условие: большинство промышленных пар односторонние."),
        Range = new(0, 1, IncludesTo: false),
        Formula = "2 s(a,b) s(b,a) / (s(a,b) + s(b,a)), s = supply; 0 where either is 0",
        Parameters = [],
        Source = "The reciprocal score of Pizzato, Rej, Chung, Koprinska and Kay (2010), RECON.",
        Facts = new(
            "Offers and needs of both.",
            "Предложения и потребности обеих сторон."),
        TermKinds = [TermKind.MetNeed],
        Terms = new(
            "The largest met need each way.",
            "Самая весомая закрытая потребность в каждую сторону."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        var back = pair.Reversed;
        if (pair.MetNeeds.Supply is not { Value: { } give } there || back.MetNeeds.Supply is not { Value: { } take } other)
        {
            return ComponentValue.NoEvidence;
        }

        if (give == 0 || take == 0)
        {
            return ComponentValue.Nothing;
        }

        // One reason each way; the full lists stand under supply.
        Term[] terms = pair.Explains ? [.. Supply.Largest(pair), .. Supply.Largest(back)] : [];
        return new ComponentValue(2 * give * take / (give + take), terms, (there.StatedShare + other.StatedShare) / 2);
    }
}
