using System.Globalization;
using PartnerMatch.Evaluation.Inputs;

namespace PartnerMatch.Evaluation.Links;

/// <summary>
/// The 2017 use table of the United States (402 commodities by 402 industries), bridged to codes of CPA 2008 through six-digit tariff lines. A
/// line that goes to several codes or industries is shared among them equally (by the number of its eight-digit lines where the
/// concordance counts them). Tariff lines name goods only: services, and commodities without a line, have no bridge, and the few lines that
/// stand for a service's by-product (waste, recordings, electricity) are left out.
/// </summary>
internal sealed class UseTable
{
    /// <summary>Industry codes of older editions are matched by their beginning, down to the industry group.</summary>
    private const int FewestIndustryDigits = 4;
    private const string FirstServiceDivision = "33";
    private const int ClassLength = 5;

    private readonly Dictionary<(string Commodity, string Industry), double> _coefficients;
    private readonly Dictionary<string, FinalUse> _finalUses;
    private readonly List<(string Code, string Commodity, double Lines)> _bridge;

    private UseTable(
        Dictionary<(string Commodity, string Industry), double> coefficients,
        Dictionary<string, FinalUse> finalUses,
        List<(string Code, string Commodity, double Lines)> bridge)
    {
        _coefficients = coefficients;
        _finalUses = finalUses;
        _bridge = bridge;
    }

    public static UseTable Read(string folder)
    {
        var edges = CsvFiles.Read<EdgeRow>(Path.Combine(folder, "bea2017_detail_use_edges.csv"));
        var finalUses = CsvFiles.Read<FinalUseRow>(Path.Combine(folder, "bea2017_commodity_final_use.csv"));
        var commodities = finalUses.Select(f => f.commodity).Concat(edges.Select(e => e.commodity)).ToHashSet();
        return new UseTable(
            edges.ToDictionary(e => (e.commodity, e.industry), e => e.direct_req_coef),
            finalUses.ToDictionary(f => f.commodity, f => new FinalUse(f.name, f.equip_share.Length == 0 ? 0 : double.Parse(f.equip_share, CultureInfo.InvariantCulture))),
            ReadBridge(folder, commodities));
    }

    /// <summary>The classes that tariff lines lead to a commodity.</summary>
    public IReadOnlyList<string> Classes => [.. _bridge.Select(b => b.Code[..ClassLength]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>
    /// What one dollar of the output class takes of each input class. The output's industries weigh by its tariff lines; a commodity's use is
    /// split among its classes by their lines.
    /// </summary>
    public IReadOnlyDictionary<(string Input, string Output), double> ToClasses()
    {
        var byClass = _bridge.GroupBy(b => (Class: b.Code[..ClassLength], b.Commodity)).Select(g => (g.Key.Class, g.Key.Commodity, Lines: g.Sum(b => b.Lines))).ToArray();
        var classTotals = byClass.GroupBy(b => b.Class, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(b => b.Lines), StringComparer.Ordinal);
        var commodityTotals = byClass.GroupBy(b => b.Commodity, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(b => b.Lines), StringComparer.Ordinal);
        var ofCommodity = byClass.ToLookup(b => b.Commodity, StringComparer.Ordinal);
        var takes = new Dictionary<(string, string), double>();
        foreach (var ((commodity, industry), coefficient) in _coefficients)
        {
            foreach (var input in ofCommodity[commodity])
            {
                foreach (var output in ofCommodity[industry])
                {
                    var share = coefficient * (input.Lines / commodityTotals[commodity]) * (output.Lines / classTotals[output.Class]);
                    takes[(input.Class, output.Class)] = takes.GetValueOrDefault((input.Class, output.Class)) + share;
                }
            }
        }

        return takes;
    }

    /// <summary>
    /// The share of what is bought of a code that is bought as equipment, and the commodity that most of its lines lead to; those of the
    /// nearest broader code up to the class where the code itself has no line; null without a bridge.
    /// </summary>
    public (double EquipmentShare, string Commodity)? FindEquipmentShare(string code)
    {
        var lines = _bridge.Where(b => b.Code.StartsWith(code, StringComparison.Ordinal)).GroupBy(b => b.Commodity).Select(g => (Commodity: g.Key, Lines: g.Sum(b => b.Lines))).ToArray();
        if (lines.Length == 0)
        {
            return code.Length > ClassLength ? FindEquipmentShare(code[..^1].TrimEnd('.')) : null;
        }

        return (lines.Sum(l => l.Lines * _finalUses[l.Commodity].EquipmentShare) / lines.Sum(l => l.Lines), _finalUses[lines.MaxBy(l => l.Lines).Commodity].Name);
    }

    private static List<(string Code, string Commodity, double Lines)> ReadBridge(string folder, HashSet<string> commodities)
    {
        var ofIndustry = CsvFiles.Read<IndustryRow>(Path.Combine(folder, "naics2017_to_bea2017_detail.csv")).Where(r => commodities.Contains(r.bea2017_detail)).ToArray();
        var known = new Dictionary<string, string[]>();
        var industriesOfLine = CsvFiles.Read<LineIndustryRow>(Path.Combine(folder, "hs2022_to_naics.csv")).ToLookup(r => r.hs6, r => CommoditiesOf(r.naics6));
        var bridge = new List<(string, string, double)>();
        foreach (var line in CsvFiles.Read<LineCodeRow>(Path.Combine(folder, "hs6_to_cpa6_okpd2.csv")).GroupBy(r => r.hs6))
        {
            var targets = industriesOfLine[line.Key].Where(t => t.Length > 0).ToArray();
            double codes = line.Sum(r => Math.Max(1, r.n_cn8));
            foreach (var row in line.Where(r => string.CompareOrdinal(r.Code, FirstServiceDivision) < 0))
            {
                foreach (var target in targets)
                {
                    foreach (var commodity in target)
                    {
                        bridge.Add((row.Code, commodity, Math.Max(1, row.n_cn8) / codes / targets.Length / target.Length));
                    }
                }
            }
        }

        return bridge;

        string[] CommoditiesOf(string industry)
        {
            if (known.TryGetValue(industry, out var found))
            {
                return found;
            }

            found = [];
            for (var start = industry.TrimEnd('X'); found.Length == 0 && start.Length >= FewestIndustryDigits; start = start[..^1])
            {
                found = [.. ofIndustry.Where(r => r.naics2017.StartsWith(start, StringComparison.Ordinal)).Select(r => r.bea2017_detail).Distinct()];
            }

            known[industry] = found;
            return found;
        }
    }

    private sealed record FinalUse(string Name, double EquipmentShare);

#pragma warning disable IDE1006 // The columns' own names.
    private sealed record EdgeRow(string commodity, string industry, double direct_req_coef);

    private sealed record FinalUseRow(string commodity, string name, string equip_share);

    private sealed record IndustryRow(string naics2017, string bea2017_detail);

    private sealed record LineIndustryRow(string hs6, string naics6);

    private sealed record LineCodeRow(string hs6, string cpa21_6, int n_cn8, string okpd2_6)
    {
        /// <summary>That of CPA 2008 where it is known.</summary>
        public string Code => okpd2_6.Length > 0 ? okpd2_6 : cpa21_6;
    }
#pragma warning restore IDE1006
}
