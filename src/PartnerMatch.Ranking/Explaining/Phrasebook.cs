using System.Collections.Concurrent;
using System.Globalization;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Counterfactuals;
using PartnerMatch.Ranking.Gaps;
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

    private static readonly NumberFormatInfo EnglishNumbers = new() { NumberGroupSeparator = ",", NumberDecimalSeparator = "." };
    private static readonly NumberFormatInfo RussianNumbers = new() { NumberGroupSeparator = " ", NumberDecimalSeparator = "," };

    /// <summary>Labels as they stand inside a sentence, each made once.</summary>
    private readonly ConcurrentDictionary<string, string> _insideSentence = new(StringComparer.Ordinal);

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

        return Sentence(string.Join("; ", clauses));
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

    /// <summary>One sentence that says what would raise a score, and to what.</summary>
    public string Describe(Counterfactual counterfactual, EnterpriseProfile changed, Language language)
    {
        ArgumentNullException.ThrowIfNull(counterfactual);
        ArgumentNullException.ThrowIfNull(changed);
        var (change, name) = (counterfactual.Change, Name(changed, language));
        var (score, gain) = (Decimal(counterfactual.Score.Score, language), Decimal(counterfactual.Gain, language));
        return language == Language.En
            ? $"If {name} {English(change)}, the score {(change.IsUpperBound ? "would rise to at most" : "would be")} {score} (+{gain})."
            : $"Оценка {(change.IsUpperBound ? "вырастет самое большее до" : "составит")} {score} (+{gain}), если предприятие {name} {Russian(change)}.";
    }

    /// <summary>One sentence or two that say who needs what nobody supplies.</summary>
    /// <param name="gap">The gap.</param>
    /// <param name="needing">The needing side by name.</param>
    /// <param name="supplying">The other side by name.</param>
    /// <param name="language">The language.</param>
    public string Describe(CompetencyGap gap, string needing, string supplying, Language language)
    {
        ArgumentNullException.ThrowIfNull(gap);
        var inferred = gap.Needing - gap.Stating;
        if (language == Language.Ru)
        {
            var who = gap.Stating == 0 ? $"по профилю производства {inferred}" : inferred == 0 ? $"заявили {gap.Stating}" : $"заявили {gap.Stating}, по профилю производства ещё {inferred}";
            return $"Потребность: {Ru(gap.Code)}. {needing}, предприятий: {who}. {supplying}: поставщиков {(gap.Supply == 0 ? "нет" : "почти нет")}{(gap.OwnSupply >= 1 ? "; свои поставщики есть" : "")}.";
        }

        var label = En(gap.Code);
        var need = gap.Stating == 0
            ? $"what {Count(inferred)} of {needing} {(inferred == 1 ? "makes or does" : "make or do")} usually takes {label}"
            : $"{Count(gap.Stating)} of {needing} {(gap.Stating == 1 ? "says it needs" : "say they need")} {label}{(inferred == 0 ? "" : $", and what {inferred} more make or do usually takes it")}";
        return Sentence($"{need}; {(gap.Supply == 0 ? "nobody" : "hardly anybody")} in {supplying} supplies it{(gap.OwnSupply >= 1 ? $", while {needing} has suppliers of its own" : "")}");

        static string Count(int enterprises) => enterprises == 1 ? "1 enterprise" : $"{enterprises} enterprises";
    }

    /// <summary>Two sentences that say who comes closest to a product that nobody makes, and what would help most.</summary>
    /// <param name="avenue">The new avenue.</param>
    /// <param name="first">The first enterprise of its closest pair.</param>
    /// <param name="second">The second one.</param>
    /// <param name="language">The language.</param>
    public string Describe(NewAvenue avenue, EnterpriseProfile first, EnterpriseProfile second, Language language)
    {
        ArgumentNullException.ThrowIfNull(avenue);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var (pair, missing) = (avenue.Pairs[0], avenue.Pairs[0].Missing[0]);
        var (now, then) = (Number(100 * pair.Cover, EnglishNumbers), Number(100 * missing.CoverWith, EnglishNumbers));
        return language == Language.En
            ? $"Nobody on record makes {En(avenue.Product.Code)}. {Name(first, language)} and {Name(second, language)} could supply {now}% of its main inputs, and {then}% with {En(missing.Code)}."
            : $"Никто из известных предприятий не выпускает: {Ru(avenue.Product.Code)}. {Name(first, language)} и {Name(second, language)} дали бы {now} % основных составляющих, а с добавлением — {then} %: {Ru(missing.Code)}.";
    }

    private static bool IsCircumstance(Contribution contribution) =>
        contribution.Terms[0].Kind is TermKind.Distance or TermKind.SizeRatio or TermKind.Agreements;

    private static string Name(EnterpriseProfile profile, Language language) =>
        language == Language.Ru ? profile.NameRu ?? profile.Name : profile.Name;

    private static bool IsMade(string code) =>
        string.CompareOrdinal(code, FirstMadeDivision) >= 0 && string.CompareOrdinal(code, FirstServiceDivision) < 0;

    private static string Number(double? value, NumberFormatInfo format) => Math.Round(value ?? 0).ToString("#,0", format);

    private static string Decimal(double value, Language language) => value.ToString("0.0", language == Language.En ? EnglishNumbers : RussianNumbers);

    private static string Sentence(string clause) => char.ToUpper(clause[0], CultureInfo.InvariantCulture) + clause[1..] + ".";

    private string English(ProfileChange change) => change.Kind switch
    {
        ChangeKind.Offer => $"also offered {En(change.Code)}",
        ChangeKind.Need => $"said that it needs {En(change.Code)}",
        ChangeKind.Market => $"also sold in {change.Market}",
        ChangeKind.Employees => "gave its number of employees",
        ChangeKind.Location => "gave the place of its site",
    };

    private string Russian(ProfileChange change) => change.Kind switch
    {
        ChangeKind.Offer => $"добавит предложение: {Ru(change.Code)}",
        ChangeKind.Need => $"укажет потребность: {Ru(change.Code)}",
        ChangeKind.Market => $"выйдет на рынок: {change.Market}",
        ChangeKind.Employees => "укажет число работников",
        ChangeKind.Location => "укажет место площадки",
    };

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
        TermKind.Distance => $"their sites are {Number(term.Measure, EnglishNumbers)} km apart",
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
        TermKind.Distance => $"расстояние между площадками: {Number(term.Measure, RussianNumbers)} км",
        TermKind.Agreements => term.Value >= 0 ? "прежние соглашения соблюдены" : "прежние соглашения нарушены",
    };

    /// <summary>Whose usual needs these are: makers of goods, producers of what is grown or dug, or enterprises of a trade.</summary>
    private string WhoEn(string via) => IsMade(via) ? $"makers of {En(via)}" : IsWon(via) ? $"producers of {En(via)}" : $"enterprises in {En(via)}";

    /// <summary>Grown, caught or dug; the services of those trades apart.</summary>
    private static bool IsWon(string code) =>
        string.CompareOrdinal(code, "09") < 0 && !code.StartsWith("01.6", StringComparison.Ordinal) && !code.StartsWith("01.7", StringComparison.Ordinal) && !code.StartsWith("02.4", StringComparison.Ordinal);

    private string En(string? code) => _insideSentence.GetOrAdd(tree.Find(code!)!.LabelEn, Lower);

    private string Ru(string? code) => _insideSentence.GetOrAdd(tree.Find(code!)!.LabelRu, Lower);

    /// <summary>Inside a sentence a label starts small, unless its first word is an abbreviation or a name of its own ("CNC", "X-ray").</summary>
    private static string Lower(string label) =>
        label.Length > 1 && char.IsUpper(label[0]) && char.IsLower(label[1]) ? char.ToLower(label[0], CultureInfo.InvariantCulture) + label[1..] : label;
}
