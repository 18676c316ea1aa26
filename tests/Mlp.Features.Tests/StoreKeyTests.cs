using CsCheck;

namespace Mlp.Features.Tests;

/// <summary>Keys as they lie in the log.</summary>
public class StoreKeyTests
{
    private static readonly Gen<EntityKey> Entities = Gen.OneOf(
        Gen.Long.Select(EntityKey.Of),
        Gen.String[Gen.Char["ab"], 0, 20].Select(EntityKey.Of),
        Gen.String[0, 40].Select(EntityKey.Of),
        Gen.Select(Gen.String[Gen.Char["a\0"], 0, 6], Gen.String[Gen.Char["a\0"], 0, 6], (a, b) => EntityKey.Of(a, b)),
        Gen.Const(default(EntityKey)));

    [Fact]
    public void A_key_has_the_entity_and_the_view_that_it_was_made_of_in_whichever_order() => Gen.Select(Entities, Gen.Int[0, int.MaxValue]).Sample((entity, view) =>
    {
        var key = new StoreKey { Entity = entity, View = view };
        var other = new StoreKey { View = view, Entity = entity };
        return key.Entity == entity && key.View == view && key.Equals(ref key, ref other) && key.GetHashCode64(ref key) == key.GetHashCode64(ref other);
    });

    [Fact]
    public unsafe void What_lies_behind_it_in_the_log_is_no_part_of_it() => Gen.Select(Entities, Gen.Int[0, 9], Gen.ULong).Sample((entity, view, behind) =>
    {
        var key = new StoreKey { Entity = entity, View = view };
        var lengths = new KeyLengths();
        var words = stackalloc ulong[4];
        new Span<ulong>(words, 4).Fill(behind);
        lengths.Serialize(ref key, words);
        ref var stored = ref lengths.AsRef(words);
        return lengths.GetLength(ref stored) == lengths.GetLength(ref key) && words[lengths.GetLength(ref key) / sizeof(ulong)] == behind
            && stored.Entity == entity && stored.View == view && key.Equals(ref stored, ref key) && key.Equals(ref key, ref stored)
            && key.GetHashCode64(ref stored) == key.GetHashCode64(ref key);
    });

    [Fact]
    public void Keys_of_other_entities_or_views_are_others() => Gen.Select(Entities, Entities, Gen.Int[0, 2], Gen.Int[0, 2]).Sample((one, another, view, anotherView) =>
    {
        var left = new StoreKey { Entity = one, View = view };
        var right = new StoreKey { Entity = another, View = anotherView };
        return left.Equals(ref left, ref right) == (one == another && view == anotherView);
    });

    [Theory]
    [InlineData(10, 16)]
    [InlineData(11, 24)]
    [InlineData(14, 24)]
    [InlineData(50, 24)]
    public void Texts_of_up_to_ten_bytes_are_short_as_integers_are(int length, int bytes)
    {
        var key = new StoreKey { Entity = EntityKey.Of(new string('x', length)), View = 3 };
        Assert.Equal(bytes, key.LengthBytes);
        Assert.Equal(16, new StoreKey { Entity = EntityKey.Of(long.MinValue) }.LengthBytes);
    }

    [Fact]
    public void Hashes_of_neighbours_fill_an_index_no_less_evenly_than_chance_would()
    {
        // Of n keys in n buckets a share of 1/e is left empty.
        const int buckets = 1 << 16;
        foreach (var text in new[] { false, true })
        {
            foreach (var shift in new[] { 0, 48 })
            {
                var hit = new bool[buckets];
                for (var i = 0; i < buckets; i++)
                {
                    var key = new StoreKey { Entity = text ? EntityKey.Of($"entity number {i}") : EntityKey.Of(i / 4), View = text ? 1 : i % 4 };
                    hit[(ulong)key.GetHashCode64(ref key) >> shift & (buckets - 1)] = true;
                }

                Assert.InRange(hit.Count(h => !h), 0, (buckets / Math.E) + 800);
            }
        }
    }
}
