using System.Buffers;
using System.Runtime.CompilerServices;
using CsCheck;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests.Declarations;

public class DeclaredRowTests
{
    private const int KeyColumns = 2;

    [Fact]
    public void A_digest_and_a_layout_made_by_the_compiler_are_those_of_run_time()
    {
        Assert.Equal(Everything.SchemaDigest, Everything.Schema.Digest);
        Assert.Equal(Signals.SchemaDigest, Signals.Schema.Digest);
        Assert.Equal((Everything.Schema.FixedBytes, Everything.Schema.FloatCount), (Everything.Row.FixedBytes, Everything.Row.FloatCount));
        Assert.Equal((Everything.Schema.FixedBytes, Signals.Schema.FixedBytes), (Unsafe.SizeOf<Everything.Row>(), Unsafe.SizeOf<Signals.Row>()));
        Assert.True(Signals.Schema.IsFloats);
    }

    [Fact]
    public void Columns_are_what_the_properties_say()
    {
        Assert.Equal(
            "distance: int64, load: double",
            RouteFacts.Schema.Canonical);
        Assert.StartsWith("active: bool, maybe_active: bool?, small: int8, short: int16 = -5, number: int32, big: int64 = -9223372036854775808, maybe_big: int64?, byte: uint8, u_short: uint16, u_int: uint32?, u_long: uint64 = 18446744073709551615, half: half, maybe_half: half?, float: float = 0.10000000149011612, ", Everything.Schema.Canonical, StringComparison.Ordinal);
        Assert.Contains("double: double = 1E-07, maybe_double: double? = 3, tier: category(Gold,Silver,Bronze), maybe_tier: category(Gold,Silver,Bronze)? = Bronze, ", Everything.Schema.Canonical, StringComparison.Ordinal);
        Assert.Contains("embedding: float[3], maybe_embedding: float[2]?, ", Everything.Schema.Canonical, StringComparison.Ordinal);
        Assert.Contains("city_name: text = a%2C%20b%20%3D%20c%3F, maybe_city: text?, words: list<text>, longs: list<int64>?, ", Everything.Schema.Canonical, StringComparison.Ordinal);
        Assert.Equal(-1, Everything.Schema.IndexOf("twice"));
        Assert.Equal(new DateTime(2020, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), Everything.Schema.Columns[Everything.Schema.IndexOf("seen")].Default!.Value.Time);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_declared_row_has_the_bytes_values_and_floats_that_its_schema_says(int seed)
    {
        var random = new Random(seed);
        var schema = Everything.Schema;
        for (var round = 0; round < 300; round++)
        {
            var values = RandomRows.Values(random, schema);
            var bytes = new ArrayBufferWriter<byte>();
            RowCodec.Encode(schema, values, bytes);

            var row = Everything.Decode(bytes.WrittenSpan);

            Assert.Equal(values.Select(v => v.ToString()), row.ToEvent(new CustomerKey(1, "eu")).Skip(KeyColumns).Select(v => v.ToString()));
            Assert.Equal(bytes.WrittenCount, row.ByteCount);
            var again = new byte[row.ByteCount];
            Assert.Equal(again.Length, row.Encode(again));
            Assert.Equal(bytes.WrittenSpan, again);

            var (expected, floats) = (new float[schema.FloatCount], new float[schema.FloatCount]);
            RowCodec.WriteFloats(schema, bytes.WrittenSpan, expected);
            row.WriteTo(floats);
            Assert.Equal(expected, floats);
        }
    }

    [Fact]
    public void Texts_and_lists_of_any_length_have_the_bytes_of_MessagePack() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, 40], Gen.Int[250, 260], Gen.Int[65530, 65540]), Gen.OneOf(Gen.Int[0, 20], Gen.Int[65530, 65540]), Gen.Char, Gen.Int[0, 63], Gen.Bool).Sample(
            (length, count, letter, bits, negative) =>
            {
                var text = new string(char.IsSurrogate(letter) ? 'x' : letter, length);
                var row = Some() with
                {
                    City = text,
                    Words = [text],
                    Longs = [.. Enumerable.Range(0, count).Select(i => negative ? -((1L << bits) + (i & 3) - 2) : (1L << bits) + (i & 3) - 2)],
                    ULongs = [.. Enumerable.Range(0, 4).Select(i => (1UL << bits) + (ulong)i)],
                };
                var bytes = new ArrayBufferWriter<byte>();
                RowCodec.Encode(Everything.Schema, row.ToEvent(default)[KeyColumns..], bytes);
                var own = new byte[row.ByteCount];
                row.Encode(own);
                Assert.Equal(bytes.WrittenSpan, own);
                Assert.Equal(row.Longs, Everything.Decode(own).Longs);
                Assert.Equal(text, Everything.Decode(own).City);
            },
            iter: 300);

    [Fact]
    public void Bytes_that_are_no_row_are_refused_or_read_but_never_anything_else()
    {
        var random = new Random(11);
        var whole = new byte[Some().ByteCount];
        Some().Encode(whole);
        var refused = 0;
        for (var round = 0; round < 5000; round++)
        {
            var damaged = whole.AsSpan(0, random.Next(4) == 0 ? random.Next(whole.Length) : whole.Length).ToArray();
            for (var hits = random.Next(1, 4); hits > 0 && damaged.Length > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                Everything.Decode(damaged);
            }
            catch (MlpException e)
            {
                Assert.Equal(FeatureErrors.RowInvalid, e.Code);
                refused++;
            }
        }

        Assert.True(refused > 500, $"{refused} of 5000 were refused");
    }

    [Fact]
    public void A_value_that_does_not_fit_its_column_is_refused_with_the_column()
    {
        static void Refused(Everything row, string column)
        {
            var error = Assert.Throws<MlpException>(() => row.Encode(new byte[4096]));
            Assert.Equal(FeatureErrors.RowInvalid, error.Code);
            Assert.Contains($"'{column}'", error.Message, StringComparison.Ordinal);
        }

        Refused(Some() with { Embedding = [1, 2] }, "embedding");
        Refused(Some() with { Embedding = null! }, "embedding");
        Refused(Some() with { MaybeEmbedding = [1, 2, 3] }, "maybe_embedding");
        Refused(Some() with { City = null! }, "city_name");
        Refused(Some() with { Words = null! }, "words");
        Refused(Some() with { Words = ["a", null!] }, "words");
        Refused(Some() with { Tier = (Tier)99 }, "tier");
        Refused(Some() with { Colour = "blue" }, "colour");
        Refused(Some() with { Colour = null! }, "colour");
        Assert.Throws<MlpException>(() => (Some() with { City = null! }).ByteCount);
        Assert.Throws<ArgumentException>(() => Some().Encode(new byte[Everything.Row.FixedBytes - 1]));
        Assert.Throws<ArgumentException>(() => Some().Encode(new byte[Everything.Row.FixedBytes]));
    }

    [Fact]
    public void A_row_in_memory_says_what_is_missing_and_takes_it_back()
    {
        var row = default(Signals.Row);
        row.A = 1;
        row.SetC([2, 3]);
        Assert.Equal([2f, 3f], row.C.ToArray());
        Assert.Throws<MlpException>(() => default(Signals.Row).SetC([1]));

        var all = default(Everything.Row);
        all.MaybeFloat = null;
        all.MaybeTier = null;
        all.ClearMaybeBytes();
        Assert.Equal((false, null, false), (all.HasMaybeFloat, all.MaybeTier, all.HasMaybeBytes));
        all.MaybeFloat = 2;
        all.MaybeTier = Tier.Silver;
        all.SetMaybeBytes([1, 2]);
        Assert.Equal((true, Tier.Silver, true), (all.HasMaybeFloat, all.MaybeTier, all.HasMaybeBytes));
    }

    [Fact]
    public void Rows_of_floats_are_read_written_and_copied_without_allocation()
    {
        var (row, bytes, floats) = (new Signals.Row { A = 1, B = 2 }, new byte[Signals.Row.FixedBytes], new float[Signals.Row.FloatCount]);
        row.SetC([3, 4]);
        RowParts.WriteFixed(bytes, row);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            RowParts.Fixed<Signals.Row>(bytes).WriteTo(floats);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal([1f, 2, 3, 4], floats);
        Assert.Equal([3f, 4], Signals.FromRow(row).C);
    }

    [Fact]
    public void A_declared_key_is_the_key_of_its_values()
    {
        Assert.Equal(EntityKey.Of((FeatureValue)5L, "eu"), new CustomerKey(5, "eu"));
        Assert.Equal(EntityKey.Of("SEA", "BOS"), new RouteKey { Origin = "SEA", Destination = "BOS" });
        var id = Guid.NewGuid();
        Assert.Equal(EntityKey.Of(id), new DeviceKey(id).ToKey());
        Assert.Equal(("customer", "customer_id", "region"), (CustomerKey.Entity.Name, CustomerKey.Entity.Keys[0], CustomerKey.Entity.Keys[1]));
        Assert.Equal("serial", DeviceKey.Entity.Keys[0]);
    }

    [Fact]
    public void A_declared_view_is_the_one_that_somebody_would_have_written()
    {
        var view = RouteFacts.View;
        var written = new LatestView("route_facts", new Entity("route", "origin", "destination"), new EventSource("route_facts", "known_at", Column.Text("origin"), Column.Text("destination"), Column.Integer("distance"), Column.Number("load")), ["distance", "load"]);
        Assert.Equal(written.Canonical, view.Canonical);
        Assert.Same(RouteFacts.Source, view.Source);
        Assert.Equal(RouteFacts.SchemaDigest, view.Schema.Digest);
        Assert.Equal("raw", Everything.Source.Name);
        Assert.Equal("at", Everything.Source.TimeColumn);
        Assert.Equal(Everything.Schema.Columns.Length + KeyColumns, Everything.Source.Columns.Length);
    }

    [Fact]
    public void A_row_that_was_put_or_pushed_is_read_as_bytes_struct_and_record()
    {
        var folder = Directory.CreateTempSubdirectory("mlp-declared-").FullName;
        try
        {
            using var store = OnlineStore.Open(folder, null, Everything.View, Signals.View);
            using var reader = store.CreateReader(new FeatureService("s", "1", Everything.View, Signals.View));
            var (row, time) = (Some(), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            var bytes = new byte[row.ByteCount];
            row.Encode(bytes);
            store.PutBytes(Everything.View, new CustomerKey(1, "eu"), time, bytes);
            store.Push(Everything.Source, time, row.ToEvent(new CustomerKey(2, "eu")));
            foreach (var id in (int[])[1, 2])
            {
                var read = new ArrayBufferWriter<byte>();
                Assert.Equal(FeatureReadStatus.Complete, reader.ReadBytes(Everything.View, new CustomerKey(id, "eu"), time.AddHours(1), read));
                Assert.Equal(bytes, read.WrittenSpan);
                Assert.Equal(row.Words, Everything.Decode(read.WrittenSpan).Words);
            }

            var signals = new Signals(1, 2, [3, 4]);
            store.PutRow(Signals.View, new DeviceKey(Guid.Empty), time, signals.ToRow());
            reader.ReadRow(Signals.View, new DeviceKey(Guid.Empty), time.AddHours(1), out Signals.Row same);
            Assert.Equal(signals.C, Signals.FromRow(same).C);
            Assert.Equal(Everything.SchemaDigest, Everything.View.Schema.Digest);
            Assert.Equal((TimeSpan.FromHours(30), "team", "All of \"them\"."), (Everything.View.TimeToLive, Everything.View.Owner, Everything.View.Description));
            Assert.Equal(["a", "b"], Everything.View.Tags);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Numbers_have_one_form()
    {
        var row = Some() with { Float = -0f, Double = -0.0, Half = (Half)(-0f), MaybeFloat = BitConverter.Int32BitsToSingle(0x7fc00001), Embedding = [-0f, 1, 2], Floats = [-0f], DoubleList = [-0.0], HalfList = [(Half)(-0f)] };
        var codec = new ArrayBufferWriter<byte>();
        RowCodec.Encode(Everything.Schema, row.ToEvent(default)[KeyColumns..], codec);
        var bytes = new byte[row.ByteCount];
        row.Encode(bytes);
        Assert.Equal(codec.WrittenSpan, bytes);
    }

    [Fact]
    public void Of_declared_rows_of_one_time_the_one_written_last_counts_and_retractions_reach_windows_of_their_source()
    {
        Assert.Equal(("written_at", "retracts"), (Written.Source.CreatedColumn, Written.Source.RetractsColumn));
        var levels = new WindowedView("levels", DeviceKey.Entity, Written.Source, TimeSpan.FromHours(1), TimeSpan.FromHours(1), Aggregate.Sum("level", TimeSpan.FromHours(24), resolution: 0.5)) { RetractableEventsMax = 10 };
        var at = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var key = new DeviceKey(Guid.Empty);
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Written.View, levels);
        using var store = OnlineStore.Open(folder.Path, service);
        store.Push(Written.Source, at, new Written(1, at.AddMinutes(2), null).ToEvent(key));
        store.Push(Written.Source, at, new Written(9, at.AddMinutes(1), null).ToEvent(key));
        store.Push(Written.Source, at.AddMinutes(5), new Written(9, at.AddMinutes(1), at).ToEvent(key));
        using var reader = store.CreateReader(service);
        var row = new float[service.RowLength];
        reader.Read([key.ToKey()], at.AddHours(2), row);
        Assert.Equal([1f, 1f], row);
    }

    private static Everything Some() => new(
        true, null, -1, 2, 3, 4, 5, 6, 7, 8, 9, (Half)1.5, null, 2.5f, null, 3.5, null, Tier.Gold, Tier.Bronze, "red", null, DateTime.UnixEpoch, null, Guid.Empty, null)
    {
        Embedding = [1, 2, 3],
        Flags = [true, false, true, true, false],
        Halves = [(Half)1],
        City = "Sevilla",
        Words = ["one", "two"],
        Longs = [1, -1],
        SBytes = [-128],
        ULongs = [ulong.MaxValue],
        Floats = [float.NaN, 1],
        HalfList = [(Half)0.5],
        Bools = [true],
        Times = [DateTime.UnixEpoch],
        Ids = [Guid.Empty],
        Raw = [1, 200],
        UShorts = [65535],
        Ints = [-70000],
        UInts = [uint.MaxValue],
    };
}
