using Xunit;

namespace Mlp.Features.Tests;

public class StoreKeyTests
{
    [Fact]
    public void Every_entity_comes_back_from_a_records_key()
    {
        var random = new Random(3);
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);

            // What a short text would end with, so that a GUID may be taken for one.
            bytes[15] = (byte)random.Next(16);
            foreach (var entity in (EntityKey[])[EntityKey.Of(new Guid(bytes)), EntityKey.Of(random.NextInt64()), EntityKey.Of(Convert.ToBase64String(bytes)[..random.Next(25)])])
            {
                var key = new StoreKey { Entity = entity, View = i };

                Assert.Equal(entity, key.Entity);
                Assert.Equal(i, key.View);
            }
        }
    }

    [Fact]
    public void Guids_that_differ_in_any_byte_are_two_keys()
    {
        for (var differing = 0; differing < 16; differing++)
        {
            var (left, right) = (new byte[16], new byte[16]);
            right[differing] = 5;
            var (a, b) = (new StoreKey { Entity = EntityKey.Of(new Guid(left)) }, new StoreKey { Entity = EntityKey.Of(new Guid(right)) });

            Assert.False(a.Equals(ref a, ref b), $"byte {differing}");
        }
    }
}
