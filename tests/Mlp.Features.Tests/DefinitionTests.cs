using CsCheck;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class DefinitionTests
{
    [Fact]
    public void Keys_of_several_texts_are_equal_only_when_each_text_is() =>
        Gen.Select(Gen.String[0, 12].Array[1, 3], Gen.String[0, 12].Array[1, 3]).Sample((a, b) =>
        {
            Assert.Equal(a.SequenceEqual(b), EntityKey.Of(a) == EntityKey.Of(b));
            Assert.Equal(EntityKey.Of(a), EntityKey.Of([.. a]));
        });

    [Fact]
    public void Texts_that_join_to_the_same_text_are_different_keys()
    {
        Assert.NotEqual(EntityKey.Of("AB", "C"), EntityKey.Of("A", "BC"));
        Assert.NotEqual(EntityKey.Of("", "ABC"), EntityKey.Of("ABC", ""));
        Assert.NotEqual(EntityKey.Of(new string('a', 40)), EntityKey.Of(new string('a', 41)));
        Assert.NotEqual(EntityKey.Of(1), EntityKey.Of("1"));
    }

    [Fact]
    public void Integer_keys_are_different_for_different_integers() =>
        Gen.Select(Gen.Long, Gen.Long).Sample((a, b) => Assert.Equal(a == b, EntityKey.Of(a) == EntityKey.Of(b)));

    [Fact]
    public void The_digest_changes_with_whatever_decides_a_value()
    {
        var tile = TimeSpan.FromMinutes(1);
        FeatureService With(WindowedView view) => new("s", "1", view);
        WindowedView View(TimeSpan window, long above = 15, string column = "delay", TimeSpan? grain = null) =>
            new("v", Departures.Airport, Departures.Source, grain ?? tile, TimeSpan.Zero, Aggregate.Share(column, above, window) with { Name = "share" });
        var digests = new[]
        {
            With(View(TimeSpan.FromHours(1))).Digest,
            With(View(TimeSpan.FromHours(2))).Digest,
            With(View(TimeSpan.FromHours(1), above: 16)).Digest,
            With(View(TimeSpan.FromHours(1), grain: tile * 2)).Digest,
            new FeatureService("s", "1", new OnDemandView("v", "1", ["share"], static (_, f) => f[0] = 1)).Digest,
            new FeatureService("s", "1", new OnDemandView("v", "2", ["share"], static (_, f) => f[0] = 1)).Digest,
        };
        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(digests[0], With(View(TimeSpan.FromHours(1))).Digest);
    }

    [Fact]
    public void A_model_of_another_definition_is_refused_with_both_sides()
    {
        var service = Departures.Service;
        service.Require(service.ToReference());
        var other = service.ToReference() with { Digest = "sha256:other" };
        var error = Assert.Throws<MlpException>(() => service.Require(other));
        Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
        Assert.Contains("sha256:other", error.Message, StringComparison.Ordinal);
        Assert.Contains(service.Digest, error.Message, StringComparison.Ordinal);
        Assert.Throws<MlpException>(() => service.Require(null));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("1st")]
    [InlineData("a;drop")]
    [InlineData("")]
    public void Names_that_could_be_more_than_a_name_are_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new Entity(name, "key"));

    [Fact]
    public void A_window_that_is_no_multiple_of_its_tile_is_refused() =>
        Assert.Throws<ArgumentException>(() => new WindowedView("v", Departures.Airport, Departures.Source, TimeSpan.FromMinutes(7), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(1))));

    [Fact]
    public void A_column_that_the_source_does_not_have_is_refused_with_those_that_it_has()
    {
        var error = Assert.Throws<ArgumentException>(() => new WindowedView("v", Departures.Airport, Departures.Source, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Sum("weight", TimeSpan.FromHours(1))));
        Assert.Contains("origin, destination, delay, load", error.Message, StringComparison.Ordinal);
    }
}
