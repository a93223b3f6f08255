namespace PartnerMatch.Classification;

/// <summary>Words that people use for each other in any trade, so that no alias needs to repeat a name with each of them.</summary>
internal static class Synonyms
{
    private static readonly string[][] Groups =
    [
        ["machine", "machines", "machinery", "equipment", "plant", "units", "systems", "apparatus"],
        ["parts", "components", "spares", "assemblies"],
        ["products", "goods", "articles", "items", "wares"],
        ["repair", "overhaul", "maintenance", "servicing", "refurbishment"],
        ["wholesale", "distribution", "trade", "sales", "dealer", "trading"],
        ["car", "automobile", "automotive", "vehicle", "auto"],
        ["машины", "оборудование", "техника", "установки", "аппараты", "агрегаты", "системы", "станки"],
        ["части", "детали", "узлы", "комплектующие", "запчасти", "компоненты", "принадлежности"],
        ["изделия", "продукция", "продукты", "товары"],
        ["ремонт", "обслуживание", "восстановление", "техобслуживание"],
        ["торговля", "продажа", "сбыт", "реализация", "дистрибуция", "дилер"],
        ["автомобиль", "автомобильный", "автотранспортный", "авто"],
    ];

    /// <summary>The other words of a stem's group, as stems.</summary>
    public static readonly ILookup<string, string> Of = Groups
        .Select(g => g.Select(TextAnalysis.Stem).Distinct().ToArray())
        .SelectMany(g => from one in g from other in g where one != other select (one, other))
        .ToLookup(p => p.one, p => p.other, StringComparer.Ordinal);
}
