using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>What a component measures, told by the class that computes it.</summary>
public sealed record ComponentDescription
{
    /// <summary>Its stable name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether <c>(a,b)</c> and <c>(b,a)</c> may differ.</summary>
    public required bool IsDirected { get; init; }

    /// <summary>What it is called.</summary>
    public required BilingualText Label { get; init; }

    /// <summary>What it says of a pair.</summary>
    public required BilingualText Definition { get; init; }

    /// <summary>The values that it can take.</summary>
    public required ValueRange Range { get; init; }

    /// <summary>How it is computed, in the letters of the model.</summary>
    public required string Formula { get; init; }

    /// <summary>The parameters of the model in the formula, at their current values.</summary>
    public required IReadOnlyList<ParameterValue> Parameters { get; init; }

    /// <summary>Where the formula comes from.</summary>
    public required string Source { get; init; }

    /// <summary>The facts that it needs; without them it says "no evidence" and earns nothing.</summary>
    public required BilingualText Facts { get; init; }

    /// <summary>The kinds of its terms.</summary>
    public required IReadOnlyList<TermKind> TermKinds { get; init; }

    /// <summary>What one of its terms says.</summary>
    public required BilingualText Terms { get; init; }
}

/// <summary>A text in both languages of the product.</summary>
/// <param name="En">English.</param>
/// <param name="Ru">Russian.</param>
public sealed record BilingualText(string En, string Ru);

/// <summary>An interval of values.</summary>
/// <param name="From">The lower end.</param>
/// <param name="To">The upper end.</param>
/// <param name="IncludesFrom">Whether the lower end is reached.</param>
/// <param name="IncludesTo">Whether the upper end is reached.</param>
public sealed record ValueRange(double From, double To, bool IncludesFrom = true, bool IncludesTo = true)
{
    /// <summary>Whether the value lies in it.</summary>
    public bool Holds(double value) => (value > From || (IncludesFrom && value == From)) && (value < To || (IncludesTo && value == To));

    /// <summary>In the notation of intervals, <c>[0,1)</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{(IncludesFrom ? '[' : '(')}{From},{To}{(IncludesTo ? ']' : ')')}");
}

/// <summary>A parameter of the model.</summary>
/// <param name="Symbol">Its letter in the formula.</param>
/// <param name="Name">Its name in the reference data.</param>
/// <param name="Value">Its current value.</param>
public sealed record ParameterValue(string Symbol, string Name, double Value);
