using CsCheck;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>P7: the index answers what the full sort answers, whatever changed before and however its segments were merged.</summary>
public sealed class IndexTests
{
    private static readonly Gen<RankingProfile> AnyProfile = Gen.Select(Gen.Enum<CooperationForm>(), Gen.Double[0, 5].Array[10], (form, weights) =>
        ProfileOf(form, Components.ComponentRegistry.Names.Zip(weights).ToDictionary(w => w.First, w => w.Second + 0.01)));

    private static readonly Gen<(string Id, EnterpriseProfile? Profile)[]> Changes = Gen.Select(WorldGen.Samaran, Gen.Int[0, 29], Gen.Int[0, 9])
        .Select((profile, id, fate) => ($"s{id:00}", fate switch
        {
            0 => null,
            1 => profile with { Id = $"s{id:00}", Status = ProfileStatus.Withdrawn },
            2 => profile with { Id = $"s{id:00}", Region = "RU-TA" },
            _ => profile with { Id = $"s{id:00}" },
        }))
        .Array[0, 60];

    [Fact]
    public void P7_the_index_equals_the_full_sort_after_any_changes_and_merges() => Gen.Select(WorldGen.Belarusian, Changes, AnyProfile, Gen.Int[1, 12], Gen.Int[0, 40], Gen.Int[1, 9]).Sample(
        (subject, changes, profile, limit, minScore, batch) =>
        {
            var (index, current) = Apply(changes, batch);
            var query = QueryOf(subject, profile, current.Values) with { Limit = limit, MinScore = minScore };
            var ranked = Ranker.Rank(query, current.Values.Select(Knowledge.Expand));
            AssertSame(ranked, index.Rank(Ranker, query));
            Assert.Equal(
                ranked.Items.Select(i => new PartnerValue(i.Score.PartnerId, i.Score.ValueBeforeFloor, i.Score.Confidence, i.Score.Direction)),
                index.RankScores(Ranker, query));
        },
        iter: 2000);

    [Fact]
    public void P7_holds_for_ten_thousand_enterprises() => Gen.Select(WorldGen.Belarusian.Array[5], WorldGen.Samaran.Array[10_000]).Sample(
        (subjects, samarans) =>
        {
            EnterpriseProfile[] others = [.. samarans.Select((s, i) => s with { Id = $"s{i:00000}" })];
            var index = EnterpriseIndex.Build(Knowledge, others);
            var expanded = others.Select(Knowledge.Expand).ToArray();
            var scarcity = Scarcity.Measure(Knowledge, ByRuSam, others);
            foreach (var subject in subjects)
            {
                var query = new RankingQuery { Subject = Knowledge.Expand(subject), Profile = JointVenture, Corridor = ByRuSam, Scarcity = scarcity };
                AssertSame(Ranker.Rank(query, expanded), index.Rank(Ranker, query));
            }
        },
        iter: 1);

    /// <summary>So many who bring nothing that the few who bring something are looked up instead.</summary>
    [Fact]
    public void P7_holds_where_few_of_many_bring_anything() => Gen.Select(WorldGen.Belarusian.Array[4], WorldGen.Samaran.Array[600], Gen.Int[1, 30]).Sample(
        (subjects, samarans, limit) =>
        {
            EnterpriseProfile[] others =
            [
                .. samarans.Select((s, i) => s with { Id = $"s{i:00000}", Status = i % 50 == 0 ? ProfileStatus.Withdrawn : ProfileStatus.Published }),
                .. Enumerable.Range(0, 40_000).Select(i => Samaran($"z{i:00000}", "49")),
            ];
            var withdrawn = others.Where((_, i) => i % 70 == 3).Select(o => o.Id).ToHashSet();
            var index = EnterpriseIndex.Build(Knowledge, others).With(withdrawn.Select(id => KeyValuePair.Create(id, (EnterpriseProfile?)null)));
            var current = others.Where(o => !withdrawn.Contains(o.Id)).ToArray();
            var expanded = current.Select(Knowledge.Expand).ToArray();
            foreach (var subject in subjects)
            {
                foreach (var profile in new[] { JointVenture, Supplier })
                {
                    var query = QueryOf(subject, profile, current) with { Limit = limit };
                    AssertSame(Ranker.Rank(query, expanded), index.Rank(Ranker, query));
                }
            }
        },
        iter: 2);

    /// <summary>So many with as many entries each that they are looked up by these; of the best, seldom one entry makes most of the score.</summary>
    [Fact]
    public void P7_holds_where_the_best_of_many_have_several_good_entries()
    {
        const int trades = 70;
        const int products = 4 * trades;
        var tree = new CompetencyTree(Enumerable.Range(0, trades).SelectMany(i => new[] { Division(i), Division(i) + ".1", Class(i) }).Concat(Enumerable.Range(0, products).Select(Product)).Select(c => new Competency(c, c, c)));
        var links = Enumerable.Range(0, trades).SelectMany(i => new ProductionLink[]
        {
            new(Product(4 * i), Class((i + 1) % trades), LinkKind.Component, 0.9),
            new(Product((4 * i) + 1), Class((i + 2) % trades), LinkKind.Equipment, 0.8),
            new(Class(i % 5), Class((i + 11) % trades), LinkKind.Channel, 0.8),
        });
        var knowledge = new RankingKnowledge(tree, new ProductionGraph(tree, links), [], new ModelParameters { SupplyScale = 0.3, NeedEmphasis = 2, PoolingScale = 0.3 });
        var ranker = new PartnerRanker(knowledge);
        var popular = Gen.Int[0, 23];
        var offers = Gen.Select(Gen.OneOf(popular, Gen.Int[0, products - 1]), Gen.Int[1, 20]).Array[9].Select(drawn => drawn.DistinctBy(d => d.Item1).Take(5).Select(d => new Offer(Product(d.Item1), d.Item2 / 20.0)).ToArray());
        var forms = Gen.Select(Gen.Enum<CooperationForm>(), Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 0.3]).Select((form, supply, pooling, channel) => Weigh(
            form,
            new() { ["supply"] = 0.01 + supply, ["pooling-scale"] = pooling, ["channel"] = channel, ["rivalry"] = 0.05, ["proximity"] = 0.02 }));

        // Alone, or two at a time, the bounds of supply and of pooling are close to what they bound.
        RankingProfile[] sharp =
        [
            Weigh(CooperationForm.JointVenture, new() { ["pooling-scale"] = 1 }),
            Weigh(CooperationForm.JointVenture, new() { ["supply"] = 1 }),
            Weigh(CooperationForm.Supplier, new() { ["supply"] = 0.5, ["pooling-scale"] = 0.5 }),
        ];
        Gen.Select(offers.Array[12_000], offers, popular.Array[0, 8], forms.Array[4], Gen.Int[1, 20]).Sample(
            (candidates, made, needed, profiles, limit) =>
            {
                var subject = knowledge.Expand(Belarusian("b") with { Offers = made, Needs = [.. needed.Distinct().Select(n => new Need(Product(n)))] });
                EnterpriseProfile[] others = [.. candidates.Select((o, i) => Samaran($"s{i:00000}") with { Offers = o })];
                var index = EnterpriseIndex.Build(knowledge, others);
                var expanded = others.Select(knowledge.Expand).ToArray();
                var scarcity = Scarcity.Measure(knowledge, ByRuSam, others);
                foreach (var (profile, role) in profiles.Concat(sharp).Select(profile => (profile, PartnerRole.Any)).Append((sharp[^1], PartnerRole.Supplier)))
                {
                    var query = new RankingQuery { Subject = subject, Profile = profile, Corridor = ByRuSam, Scarcity = scarcity, Role = role, Limit = limit };
                    var expected = ranker.Rank(query, expanded);
                    AssertSame(expected, index.Rank(ranker, query));

                    // Whoever just reaches the threshold is missed by a bound that is the least too small.
                    foreach (var (rank, score) in expected.Items)
                    {
                        Assert.Equal(expected.Items.Take(rank).Select(i => i.Score.PartnerId), index.Rank(ranker, query with { MinScore = score.Score, Limit = rank }).Items.Select(i => i.Score.PartnerId));
                    }

                    AssertSame(ranker.Rank(query with { MinScore = 40 }, expanded), index.Rank(ranker, query with { MinScore = 40 }));
                }
            },
            iter: 5);

        RankingProfile Weigh(CooperationForm form, Dictionary<string, double> weights) => new(form, weights, AllKinds, 0, knowledge.Parameters);

        static string Division(int i) => $"{10 + i}";

        static string Class(int i) => Division(i) + ".11";

        static string Product(int i) => $"{Class(i / 4)}.{1 + (i % 4)}0";
    }

    /// <summary>Many are wanted who bring one thing, and some bring twenty: far more than is needed of anybody.</summary>
    [Fact]
    public void P7_holds_where_some_bring_far_more_than_is_needed()
    {
        const int most = 20;
        var tree = new CompetencyTree(Enumerable.Range(10, 2 * most).SelectMany(i => new[] { $"{i}", $"{i}.1", $"{i}.11" }).Select(c => new Competency(c, c, c)));
        var knowledge = new RankingKnowledge(tree, new ProductionGraph(tree, []), [], new ModelParameters());
        var ranker = new PartnerRanker(knowledge);

        // All make twenty products: of most one is wanted, of every two hundredth from none to all.
        EnterpriseProfile[] others = [.. Enumerable.Range(0, 5_000).Select(number => Samaran($"s{number:00000}") with
        {
            Offers = [.. Enumerable.Range(number % 200 == 0 ? number / 200 % (most + 1) : 1, most).Select(i => new Offer($"{10 + i}.11"))],
        })];
        var query = new RankingQuery
        {
            Subject = knowledge.Expand(Belarusian("b") with { Needs = [.. Enumerable.Range(most, most).Select(i => new Need($"{10 + i}.11"))] }),
            Profile = new RankingProfile(CooperationForm.Supplier, new Dictionary<string, double> { ["supply"] = 1 }, AllKinds, 0, knowledge.Parameters),
            Corridor = ByRuSam,
            Scarcity = Scarcity.None(knowledge),
            Limit = 1_000,
        };
        AssertSame(ranker.Rank(query, others.Select(knowledge.Expand)), EnterpriseIndex.Build(knowledge, others).Rank(ranker, query));
    }

    /// <summary>As many strong candidates as a scan keeps at first, and weaker ones that it never keeps beside them: the last page must look again.</summary>
    [Fact]
    public void P7_deep_pages_reach_what_a_scan_passed_over_at_first()
    {
        var strong = Enumerable.Range(0, 256).Select(i => Samaran($"a{i:000}", "22") with { Needs = [new Need("28.41.21")] });
        var weak = Enumerable.Range(0, 50).Select(i => Samaran($"b{i:000}", "49") with { Needs = [new Need("28.41.21", 0.5)] });
        EnterpriseProfile[] others = [.. strong, .. weak];
        var index = EnterpriseIndex.Build(Knowledge, others);
        var query = QueryOf(Belarusian("x", "28.41.21"), Supplier, others) with { MinScore = 0, Limit = 50 };
        var paged = new List<string>();
        for (RankingPosition? after = null; ;)
        {
            var page = index.Rank(Ranker, query with { After = after });
            paged.AddRange(page.Items.Select(i => i.Score.PartnerId));
            if ((after = page.Next) is null)
            {
                break;
            }
        }

        Assert.Equal(others.Select(o => o.Id), paged);
    }

    [Fact]
    public void P7_holds_under_other_parameters_of_the_model() => Gen.Select(WorldGen.Belarusian, Changes, AnyProfile, Gen.Int[1, 12], Gen.Double[1, 4], Gen.Double[0.05, 2]).Sample((subject, changes, profile, limit, emphasis, scale) =>
    {
        var parameters = new ModelParameters { NeedEmphasis = emphasis, SupplyScale = scale, PoolingScale = scale };
        var knowledge = new RankingKnowledge(Tree, Graph, Knowledge.JointProducts, parameters);
        var ranker = new PartnerRanker(knowledge);
        var others = changes.Where(c => c.Profile is not null).Select(c => c.Profile!).DistinctBy(p => p.Id).ToArray();
        var query = new RankingQuery
        {
            Subject = knowledge.Expand(subject),
            Profile = new RankingProfile(profile.Form, profile.Weights.ToDictionary(w => w.Key, w => Math.Abs(w.Value)), AllKinds, 0, parameters),
            Corridor = ByRuSam,
            Scarcity = Scarcity.None(knowledge),
            MinScore = 0,
            Limit = limit,
        };
        AssertSame(ranker.Rank(query, others.Select(knowledge.Expand)), EnterpriseIndex.Build(knowledge, others).Rank(ranker, query));
    });

    [Fact]
    public void P7_holds_in_every_role_with_few_weights() => Gen.Select(
        WorldGen.Belarusian,
        Changes,
        Gen.Enum<CooperationForm>().Where(f => f.IsDirected()),
        Gen.Enum<PartnerRole>(),
        Gen.Int[0, 3].Array[10],
        Gen.Int[1, 12]).Sample((subject, changes, form, role, weights, limit) =>
    {
        var (index, current) = Apply(changes, 9);
        var names = Components.ComponentRegistry.Names;
        var profile = ProfileOf(form, names.Zip(weights).ToDictionary(w => w.First, w => w.First == names[0] ? w.Second + 1.0 : Math.Max(0, w.Second - 1)));
        var query = QueryOf(subject, profile, current.Values) with { Role = role, Limit = limit, MinScore = 0 };
        AssertSame(Ranker.Rank(query, current.Values.Select(Knowledge.Expand)), index.Rank(Ranker, query));
    });

    [Fact]
    public void P7_pages_of_the_index_go_on_where_they_stopped() => Gen.Select(WorldGen.Belarusian, Changes, AnyProfile, Gen.Int[1, 5]).Sample((subject, changes, profile, limit) =>
    {
        var (index, current) = Apply(changes, 7);
        var query = QueryOf(subject, profile, current.Values) with { MinScore = 0 };
        var whole = Ranker.Rank(query with { Limit = 1000 }, current.Values.Select(Knowledge.Expand));
        var paged = new List<RankedPartner>();
        for (RankingPosition? after = null; ;)
        {
            var page = index.Rank(Ranker, query with { Limit = limit, After = after });
            paged.AddRange(page.Items);
            if ((after = page.Next) is null)
            {
                break;
            }
        }

        Assert.Equal(whole.Items.Select(Key), paged.Select(Key));
    });

    [Fact]
    public void Constraints_remove_candidates_before_scoring_and_are_counted() => Gen.Select(WorldGen.Belarusian, Changes, AnyProfile, Gen.Bool).Sample((subject, changes, profile, excludesRegion) =>
    {
        var (index, current) = Apply(changes, 5);
        var query = QueryOf(subject, profile, current.Values) with
        {
            Corridor = ByRuSam with { Second = ["RU-SAM", "RU-TA"] },
            MinScore = 0,
            Constraints = new MatchConstraints(new HashSet<string> { "s01", "s03", "s07" }, new HashSet<string>(excludesRegion ? ["RU-TA"] : []), new HashSet<string> { "s03", "s05" }),
        };
        AssertSame(Ranker.Rank(query, current.Values.Select(Knowledge.Expand)), index.Rank(Ranker, query));
    });

    [Fact]
    public void A_partner_stands_where_the_full_sort_puts_it_however_low() => Gen.Select(WorldGen.Belarusian, Changes, AnyProfile).Sample((subject, changes, profile) =>
    {
        var (index, current) = Apply(changes, 5);
        var query = QueryOf(subject, profile, current.Values);
        var whole = Ranker.Rank(query with { Limit = 1000, MinScore = 0 }, current.Values.Select(Knowledge.Expand)).Items;
        foreach (var other in current.Values.Where(p => p.Region == "RU-SAM"))
        {
            var standing = index.StandingOf(Ranker, query, other.Id);
            Assert.Equal(whole.Count, standing.Candidates);
            Assert.Equal(whole.FirstOrDefault(w => w.Score.PartnerId == other.Id)?.Rank, standing.Rank);
            Assert.Equal(standing.Rank is null, standing.Excluded is not null);
            Assert.Equal(
                whole.Where(w => w.Rank < standing.Rank && (w.Rank == 1 || w.Rank >= standing.Rank - 3)).Select(w => (w.Rank, w.Score.PartnerId)),
                standing.Above.Select(w => (w.Rank, w.Value.PartnerId)));
        }
    });

    [Fact]
    public void Changes_made_during_a_merge_are_not_lost() => Gen.Select(Changes, Changes).Sample((before, meanwhile) =>
    {
        var (index, current) = Apply(before, 2, merge: false);
        var merge = index.FindMerge()?.Run();
        index = index.With(meanwhile.Select(c => KeyValuePair.Create(c.Id, c.Profile)));
        index = merge is null ? index : index.With(merge);
        foreach (var (id, profile) in meanwhile)
        {
            Set(current, id, profile);
        }

        Assert.Equal(current.Values.OrderBy(p => p.Id, StringComparer.Ordinal), index.Profiles.OrderBy(p => p.Id, StringComparer.Ordinal));
        Assert.Equal(current.Count, index.Count);
        Assert.All(Enumerable.Range(0, 30).Select(i => $"s{i:00}"), id => Assert.Same(current.GetValueOrDefault(id), index.Find(id)));
    });

    private static (EnterpriseIndex Index, Dictionary<string, EnterpriseProfile> Current) Apply((string Id, EnterpriseProfile? Profile)[] changes, int batch, bool merge = true)
    {
        var index = EnterpriseIndex.Build(Knowledge, []);
        var current = new Dictionary<string, EnterpriseProfile>();
        foreach (var chunk in changes.Chunk(batch))
        {
            index = index.With(chunk.Select(c => KeyValuePair.Create(c.Id, c.Profile)));
            foreach (var (id, profile) in chunk)
            {
                Set(current, id, profile);
            }

            if (merge && index.FindMerge() is { } due)
            {
                index = index.With(due.Run());
            }
        }

        return (index, current);
    }

    private static void Set(Dictionary<string, EnterpriseProfile> current, string id, EnterpriseProfile? profile)
    {
        if (profile is null)
        {
            current.Remove(id);
        }
        else
        {
            current[id] = profile;
        }
    }

    private static RankingQuery QueryOf(EnterpriseProfile subject, RankingProfile profile, IEnumerable<EnterpriseProfile> others) => new()
    {
        Subject = Knowledge.Expand(subject),
        Profile = profile,
        Corridor = ByRuSam,
        Scarcity = Scarcity.Measure(Knowledge, ByRuSam, others.Append(subject)),
    };

    private static void AssertSame(RankedPartners expected, RankedPartners actual)
    {
        Assert.Equal(expected.Items.Select(Key), actual.Items.Select(Key));
        Assert.Equal(expected.Candidates, actual.Candidates);
        Assert.Equal(expected.Excluded, actual.Excluded);
        Assert.Equal(expected.Next, actual.Next);
        Assert.Equal(expected.Nearest.Select(Key), actual.Nearest.Select(Key));
        Assert.Equal(expected.Missing, actual.Missing);
    }

    private static (int Rank, string Id, double Value, double Confidence) Key(RankedPartner item) =>
        (item.Rank, item.Score.PartnerId, item.Score.ValueBeforeFloor, item.Score.Confidence);
}
