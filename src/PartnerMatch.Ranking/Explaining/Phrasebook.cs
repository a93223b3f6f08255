using System.Globalization;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Explaining;

/// <summary>
/// Says in words what a score's terms say in numbers. A stated need reads "says it needs"; an inferred one "usually use", of makers
/// of the product and never of the company. Russian keeps labels in the nominative, after a colon.
/// </summary>
public sealed class Phrasebook(CompetencyTree tree)
{
    /// <summary>Manufacturing is divisions 10 to 32; what lies outside is grown, dug or done, not made.</summary>
    private const string FirstMadeDivision = "10";
    private const string FirstServiceDivision = "33";

    /// <summary>Points from which a contribution is worth saying.</summary>
    private const double WorthAClause = 1;

    /// <summary>Supply from which the way back is worth saying.</summary>
    private const double WorthAReturn = 0.2;

    /// <summary>One sentence that a person can read out: the largest reason, and what the other side or the next component adds.</summary>
    public string Summarise(PairScore score, EnterpriseProfile subject, EnterpriseProfile partner, Language language)
    {
        ArgumentNullException.ThrowIfNull(score);
        var clauses = score.Contributions
            .Where(c => c.Points >= WorthAClause && c.Terms.Count > 0)
            .Where(c => c.Component != Reciprocity.ComponentName)
            .OrderBy(c => IsCircumstance(c) ? 1 : 0)
            .ThenByDescending(c => c.Points)
            .Select(c => Describe(c.Terms[0], subject, partner, language))
            .Take(2)
            .ToList();
        if (clauses.Count > 0 && score.Contributions.FirstOrDefault(c => c.Component == Supply.ComponentName)?.Other is { Value: >= WorthAReturn, Terms: [var largest, ..] })
        {
            var back = Describe(largest, subject, partner, language);
            clauses = [clauses[0], language == Language.En ? "in return, " + back : "в свою очередь, " + back];
        }

        if (clauses.Count == 0)
        {
            return language == Language.En
                ? $"Nothing known of {Name(subject, language)} and {Name(partner, language)} makes them partners."
                : $"По известным данным у предприятий нет оснований для сотрудничества: {Name(subject, language)}, {Name(partner, language)}.";
        }

        var sentence = string.Join("; ", clauses);
        return char.ToUpper(sentence[0], CultureInfo.InvariantCulture) + sentence[1..] + ".";
    }

    /// <summary>One clause that says a term in words, without a full stop.</summary>
    public string Describe(Term term, EnterpriseProfile subject, EnterpriseProfile partner, Language language)
    {
        ArgumentNullException.ThrowIfNull(term);
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(partner);
        var (giver, receiver) = term.GiverId == partner.Id
            ? (Name(partner, language), Name(subject, language))
            : (Name(subject, language), Name(partner, language));
        return language == Language.En ? English(term, giver, receiver) : Russian(term, giver, receiver);
    }

    private static bool IsCircumstance(Contribution contribution) =>
        contribution.Terms[0].Kind is TermKind.Distance or TermKind.SizeRatio or TermKind.Agreements;

    private static string Name(EnterpriseProfile profile, Language language) =>
        language == Language.Ru ? profile.NameRu ?? profile.Name : profile.Name;

    private static bool IsMade(string code) =>
        string.CompareOrdinal(code, FirstMadeDivision) >= 0 && string.CompareOrdinal(code, FirstServiceDivision) < 0;

    private static string Number(double? value, string groups) =>
        Math.Round(value ?? 0).ToString("#,0", new NumberFormatInfo { NumberGroupSeparator = groups });

    private string English(Term term, string giver, string receiver) => term.Kind switch
    {
        TermKind.MetNeed when term.Evidence == Evidence.Stated =>
            $"{giver} offers {En(term.OfferCode)}, and {receiver} says it needs {(term.OfferCode == term.NeedCode ? "them" : En(term.NeedCode))}",
        TermKind.MetNeed =>
            $"{giver} offers {En(term.OfferCode)}, and {WhoEn(term.ViaCode!)} usually {(term.Link == LinkKind.Equipment ? "use" : "buy")} {(term.OfferCode == term.NeedCode ? "them" : En(term.NeedCode))}",
        TermKind.JointInput => $"for a joint product, {En(term.ViaCode)}, {giver} brings {En(term.OfferCode)}",
        TermKind.Outlet => $"{receiver} trades in this kind of goods ({En(term.NeedCode)}) and can sell what {giver} makes: {En(term.OfferCode)}",
        TermKind.NewMarket => $"{receiver} serves a market new to {giver}: {term.Market}",
        TermKind.PooledProduct when term.OfferCode == term.NeedCode => $"both {(IsMade(term.OfferCode!) ? "make" : "work in")} {En(term.OfferCode)} for different markets",
        TermKind.PooledProduct when !IsMade(term.OfferCode!) || !IsMade(term.NeedCode!) => $"{giver} works in {En(term.OfferCode)} and {receiver} in {En(term.NeedCode)}, near trades that could share skills and customers",
        TermKind.PooledProduct => $"{giver} makes {En(term.OfferCode)} and {receiver} {En(term.NeedCode)}, near products that could share development and volume",
        TermKind.SharedProduct => $"both sell {En(term.OfferCode)} in the same market",
        TermKind.SizeRatio => $"their sizes differ {term.Measure?.ToString("0.#", CultureInfo.InvariantCulture)} times",
        TermKind.Distance => $"their sites are {Number(term.Measure, ",")} km apart",
        TermKind.Agreements => term.Value >= 0 ? "earlier agreements were kept" : "earlier agreements were broken",
    };

    private string Russian(Term term, string giver, string receiver) => term.Kind switch
    {
        TermKind.MetNeed when term.Evidence == Evidence.Stated =>
            $"{giver} предлагает: {Ru(term.OfferCode)}; {receiver} указывает потребность: {Ru(term.NeedCode)}",
        TermKind.MetNeed =>
            $"{giver} предлагает: {Ru(term.OfferCode)}; там, где профиль — {Ru(term.ViaCode)}, обычно {(term.Link == LinkKind.Equipment ? "используют" : "закупают")}: {Ru(term.NeedCode)}",
        TermKind.JointInput => $"для совместного продукта ({Ru(term.ViaCode)}) {giver} даёт: {Ru(term.OfferCode)}",
        TermKind.Outlet => $"{receiver} ведёт торговлю: {Ru(term.NeedCode)}; может продавать продукцию, которую выпускает {giver}: {Ru(term.OfferCode)}",
        TermKind.NewMarket => $"{receiver} работает на рынке, где {giver} ещё не представлен: {term.Market}",
        TermKind.PooledProduct when term.OfferCode == term.NeedCode => $"обе стороны {(IsMade(term.OfferCode!) ? "выпускают" : "работают")} для разных рынков: {Ru(term.OfferCode)}",
        TermKind.PooledProduct when !IsMade(term.OfferCode!) || !IsMade(term.NeedCode!) => $"близкие виды деятельности, общий опыт и заказчики: {giver} — {Ru(term.OfferCode)}, {receiver} — {Ru(term.NeedCode)}",
        TermKind.PooledProduct => $"близкая продукция, общие разработки и объёмы: {giver} — {Ru(term.OfferCode)}, {receiver} — {Ru(term.NeedCode)}",
        TermKind.SharedProduct => $"обе стороны продают на одном рынке: {Ru(term.OfferCode)}",
        TermKind.SizeRatio => $"размеры отличаются в {term.Measure?.ToString("0.#", CultureInfo.InvariantCulture)} раза",
        TermKind.Distance => $"расстояние между площадками: {Number(term.Measure, " ")} км",
        TermKind.Agreements => term.Value >= 0 ? "прежние соглашения соблюдены" : "прежние соглашения нарушены",
    };

    /// <summary>Whose usual needs these are: makers of goods, producers of what is grown or dug, or enterprises of a trade.</summary>
    private string WhoEn(string via) => IsMade(via) ? $"makers of {En(via)}" : IsWon(via) ? $"producers of {En(via)}" : $"enterprises in {En(via)}";

    /// <summary>Grown, caught or dug; the services of those trades apart.</summary>
    private static bool IsWon(string code) =>
        string.CompareOrdinal(code, "09") < 0 && !code.StartsWith("01.6", StringComparison.Ordinal) && !code.StartsWith("01.7", StringComparison.Ordinal) && !code.StartsWith("02.4", StringComparison.Ordinal);

    private string En(string? code) => Lower(tree.Find(code!)!.LabelEn);

    private string Ru(string? code) => Lower(tree.Find(code!)!.LabelRu);

    /// <summary>Inside a sentence a label starts small, unless its first word is an abbreviation or a name of its own ("CNC", "X-ray").</summary>
    private static string Lower(string label) =>
        label.Length > 1 && char.IsUpper(label[0]) && char.IsLower(label[1]) ? char.ToLower(label[0], CultureInfo.InvariantCulture) + label[1..] : label;
}
