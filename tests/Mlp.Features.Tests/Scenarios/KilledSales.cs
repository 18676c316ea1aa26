namespace Mlp.Features.Tests.Scenarios;

/// <summary>Sales of which each fifth write takes one back: in two windowed views and the newest row, and how many writes are there.</summary>
internal sealed class KilledSales
{
    private const int Shops = 7;
    private const int MinutesEach = 10;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly EventSource Source = new("sales", "at", Column.Integer("shop"), Column.Integer("number"), Column.Integer("units"));
    private static readonly Entity Shop = new("shop", "shop");
    private static readonly WindowedView Month = new("month", Shop, Source, Day, lateness: Day, Aggregate.Count(30 * Day), Aggregate.Sum("units", 30 * Day)) { RetractableEventsMax = 96 };
    private static readonly WindowedView Also = new("also", Shop, Source, Day, lateness: Day, Aggregate.Count(30 * Day)) { RetractableEventsMax = 96 };
    private static readonly LatestView Newest = new("newest", Shop, Source, ["number"]);
    private static readonly FeatureService Windows = new("windows", "1", Month, Also);
    private static readonly FeatureService Rows = new("newest", "1", Newest);

    public EntityView[] Views => [Month, Also, Newest];

    public void Write(OnlineStore store, long write)
    {
        if (IsRetraction(write))
        {
            var sale = Retracted(write);
            store.Retract(Source, At(write), At(sale), sale % Shops, sale, Units(sale));
        }
        else
        {
            store.Push(Source, At(write), write % Shops, write, Units(write));
        }
    }

    /// <summary>How many writes are there: a beginning of them, each whole.</summary>
    public long Find(OnlineStore store)
    {
        using var rows = store.CreateReader(Rows);
        using var windows = store.CreateReader(Windows);
        var newest = -1L;
        var number = new FeatureValue[1];
        for (var shop = 0; shop < Shops; shop++)
        {
            if (rows.ReadValues(Newest, EntityKey.Of(shop), DateTime.MaxValue.ToUniversalTime(), number) == FeatureReadStatus.Complete)
            {
                newest = Math.Max(newest, number[0].Integer);
            }
        }

        // Behind the tile of the last retraction, so that it is seen.
        var time = Start.AddDays(At(newest + 1).Subtract(Start).Days + 2);
        var found = new (float Count, float Units, float Also)[Shops];
        var row = new float[Windows.RowLength];
        for (var shop = 0; shop < Shops; shop++)
        {
            windows.Read([EntityKey.Of(shop)], time, row);
            found[shop] = (row[0], row[1], row[2]);
        }

        // A retraction may have come behind the newest.
        for (var writes = newest + 1; writes <= newest + 2; writes++)
        {
            if (Expected(writes, time).SequenceEqual(found))
            {
                return writes;
            }
        }

        Assert.Fail($"The sales until {newest} are no beginning of the writes: {string.Join(' ', found)}; expected {string.Join(' ', Expected(newest + 1, time))}");
        return 0;
    }

    private static (float Count, float Units, float Also)[] Expected(long writes, DateTime time)
    {
        var shops = new (float Count, float Units, float Also)[Shops];
        for (var write = Math.Max(0, writes - (32 * 24 * 60 / MinutesEach)); write < writes; write++)
        {
            var (sale, sign) = IsRetraction(write) ? (Retracted(write), -1) : (write, 1);
            if (At(sale) >= time - (30 * Day))
            {
                ref var shop = ref shops[sale % Shops];
                shop = (shop.Count + sign, shop.Units + (sign * Units(sale)), shop.Also + sign);
            }
        }

        return shops;
    }

    private static bool IsRetraction(long write) => write % 5 == 4;

    private static long Retracted(long write) => write - 2;

    private static DateTime At(long write) => Start.AddMinutes(MinutesEach * write);

    private static long Units(long write) => 1 + (write % 13);
}
