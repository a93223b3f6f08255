using CsCheck;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>What the components say of themselves is what they do.</summary>
public sealed class ComponentDescriptionTests
{
    private static readonly Dictionary<string, ComponentDescription> Described = ComponentRegistry.Describe(Knowledge.Parameters).ToDictionary(c => c.Name);

    [Fact]
    public void Every_value_lies_in_the_range_and_every_term_is_of_a_kind_that_the_description_names() => Gen.Select(WorldGen.Belarusian, WorldGen.Samaran, Gen.Enum<CooperationForm>()).Sample((a, b, form) =>
    {
        var everything = ProfileOf(form, ComponentRegistry.Names.ToDictionary(n => n, _ => 1.0));
        foreach (var contribution in Score(a, b, everything).Contributions.Where(c => c.Component != Contribution.Floor))
        {
            var described = Described[contribution.Component];
            Assert.True(contribution.Value is not { } value || described.Range.Holds(value), $"{contribution.Component} = {contribution.Value} is outside {described.Range}");
            Assert.All(contribution.Terms, t => Assert.Contains(t.Kind, described.TermKinds));
        }
    });

    [Fact]
    public void Every_kind_of_term_belongs_to_a_component() =>
        Assert.Equal(Enum.GetValues<TermKind>().Order(), Described.Values.SelectMany(c => c.TermKinds).Distinct().Order());

    [Fact]
    public void Parameters_are_told_at_their_current_values() =>
        Assert.Equal(3, ComponentRegistry.Describe(Knowledge.Parameters with { SupplyScale = 3 }).Single(c => c.Name == "supply").Parameters.Single(p => p.Name == "supplyScale").Value);

    [Fact]
    public void An_interval_leaves_out_the_ends_that_it_says_it_leaves_out()
    {
        var range = new ValueRange(-1, 1, IncludesTo: false);
        Assert.Equal("[-1,1)", range.ToString());
        Assert.True(range.Holds(-1) && range.Holds(0.5));
        Assert.False(range.Holds(1) || range.Holds(-1.5) || range.Holds(double.NaN));
    }
}
