namespace Mlp.Features.Tests.Declarations;

internal enum Tier
{
    Gold = 7,
    Silver = 3,
    Bronze = -1,
}

[Entity("customer")]
internal readonly partial record struct CustomerKey(int CustomerId, string Region);

[Entity("device")]
internal sealed partial record DeviceKey([Column("serial")] Guid Id);

[Entity("route")]
internal partial class RouteKey
{
    public required string Origin { get; init; }

    public required string Destination { get; init; }
}

/// <summary>Every type of column, present and nullable.</summary>
[FeatureView<CustomerKey>("everything", TimeToLive = "1.06:00:00", Owner = "team", Description = "All of \"them\".", Tags = ["a", "b"], Source = "raw", TimeColumn = "at")]
internal sealed partial record Everything(
    bool Active,
    bool? MaybeActive,
    sbyte Small,
    [Default(-5)] short Short,
    int Number,
    [Default(long.MinValue)] long Big,
    long? MaybeBig,
    byte Byte,
    ushort UShort,
    uint? UInt,
    [Default(ulong.MaxValue)] ulong ULong,
    Half Half,
    Half? MaybeHalf,
    [Default(0.1f)] float Float,
    float? MaybeFloat,
    [Default(1e-7)] double Double,
    [Default(3)] double? MaybeDouble,
    Tier Tier,
    [Default(Tier.Bronze)] Tier? MaybeTier,
    [Category("red", "green, or blue", "ünïcode"), Default("ünïcode")] string Colour,
    [Category("x")] string? MaybeColour,
    [Default("2020-01-02T03:04:05.678Z")] DateTime Seen,
    DateTime? MaybeSeen,
    [Default("00112233-4455-6677-8899-aabbccddeeff")] Guid Id,
    Guid? MaybeId)
{
    [Vector(3)]
    public required float[] Embedding { get; init; }

    [Vector(2)]
    public float[]? MaybeEmbedding { get; init; }

    [Vector(5)]
    public required bool[] Flags { get; init; }

    [Vector(2)]
    public sbyte[]? MaybeBytes { get; init; }

    [Vector(1)]
    public required Half[] Halves { get; init; }

    [Vector(4)]
    public double[]? Doubles { get; init; }

    [Column("city_name"), Default("a, b = c?")]
    public required string City { get; set; }

    public string? MaybeCity { get; set; }

    public required string[] Words { get; set; }

    public long[]? Longs { get; set; }

    public required sbyte[] SBytes { get; set; }

    public required ulong[] ULongs { get; set; }

    public required float[] Floats { get; set; }

    public required Half[] HalfList { get; set; }

    public double[]? DoubleList { get; set; }

    public required bool[] Bools { get; set; }

    public required DateTime[] Times { get; set; }

    public required Guid[] Ids { get; set; }

    public required byte[] Raw { get; set; }

    public short[]? Shorts { get; set; }

    public required ushort[] UShorts { get; set; }

    public required int[] Ints { get; set; }

    public required uint[] UInts { get; set; }

    public double Twice => Double * 2;
}

/// <summary>Floats alone: a row is its floats.</summary>
[FeatureView<DeviceKey>("signals")]
internal partial record struct Signals(float A, float B, [property: Vector(2)] float[] C);

/// <summary>Numbers of the widths that sources have had from the beginning.</summary>
[FeatureView<RouteKey>("route_facts")]
internal sealed partial class RouteFacts
{
    public long Distance { get; set; }

    public double Load { get; set; }
}

internal static partial class Ratios
{
    [OnDemandView("ratios", "1")]
    private static (float PerKilometre, bool IsLate, int Hour) Compute(
        [FromView<RouteFacts>(nameof(RouteFacts.Distance))] float distance,
        [FromView("route_facts.load")] float? load,
        [FromRequest] float fareTotal,
        [FromRequest(Name = "minutes")] float? delay,
        DateTime time) =>
        (fareTotal / distance, load is null && delay > 15, time.Hour);

    [OnDemandView("length", "2")]
    public static double LengthOf([FromView<Signals>(nameof(Signals.C))] ReadOnlySpan<float> c) => Math.Sqrt((c[0] * c[0]) + (c[1] * c[1]));
}

/// <summary>A row that says when it was written, and what it takes back.</summary>
[FeatureView<DeviceKey>("written", CreatedColumn = "written_at", RetractsColumn = "retracts")]
internal sealed partial record Written(float Level, DateTime WrittenAt, DateTime? Retracts);
