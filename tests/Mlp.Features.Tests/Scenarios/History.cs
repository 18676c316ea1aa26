namespace Mlp.Features.Tests.Scenarios;

/// <summary>
/// A random history of a source with columns of every type: keys of one or several types, several events at one time, some without a moment of
/// creation, missing values, NaN and both zeros. What is true of it is said here by definition alone, nothing shared with the library.
/// </summary>
internal sealed class History
{
    public static readonly DateTime Start = new(2001, 1, 25, 0, 0, 0, DateTimeKind.Utc);
    private const int Slots = 24;

    private readonly Random _random;
    private readonly Column[] _keys;

    public History(int seed, int events)
    {
        _random = new Random(seed);
        Column[] keys = [Column.Integer("id"), Column.Text("name"), Column.Of("guid", ColumnKind.Guid)];
        _keys = [.. keys.Where(_ => _random.Next(2) == 0)];
        _keys = _keys.Length == 0 ? [keys[seed % 3]] : _keys;
        var columns = RandomRows.Schema(_random).Columns.ToArray().Take(14).ToArray();
        var hasCreated = _random.Next(2) == 0;
        Source = new EventSource("things", "known_at", [.. _keys, .. columns, .. hasCreated ? [Column.Timestamp("created").Nullable()] : Array.Empty<Column>()])
        {
            CreatedColumn = hasCreated ? "created" : null,
        };
        Whole = new LatestView("whole", new Entity("thing", [.. _keys.Select(k => k.Name)]), Source, [.. columns.Select(c => c.Name)]);
        Young = new LatestView("young", new Entity("first", _keys[0].Name), Source, [.. columns.Take(5).Select(c => c.Name)], TimeSpan.FromDays(2));
        Service = new FeatureService("things", "1", Whole, Young);
        Events = [.. Enumerable.Range(0, events).Select(_ => Event(columns, hasCreated))];
    }

    public EventSource Source { get; }

    public LatestView Whole { get; }

    public LatestView Young { get; }

    public FeatureService Service { get; }

    /// <summary>Times, and values in the order of the source's columns.</summary>
    public (DateTime Time, FeatureValue[] Values)[] Events { get; }

    public Column[] StagedColumns => [Column.Timestamp("known_at"), .. Source.Columns];

    public IAsyncEnumerable<FeatureValue[]> StagedEvents => AsyncRows.Of(Events.Select(e => (FeatureValue[])[e.Time, .. e.Values]));

    /// <summary>Times and keys that are asked for; half of them at an event's very moment.</summary>
    public (DateTime Time, FeatureValue[] Keys)[] Requests(int count) => [.. Enumerable.Range(0, count)
        .Select(i => (Time(i % 2 == 0), Keys())).OrderBy(r => r.Item1)];

    public Column[] RequestColumns => [Column.Timestamp("moment"), .. _keys, Column.Integer("number")];

    public EntityRows EntityRows(OfflineQuery query) => new(query, "moment", Column.Integer("number"));

    public EntityKey[] KeysOf(FeatureValue[] keys) => [EntityKey.Of(keys), EntityKey.Of(keys[0])];

    /// <summary>The values of a view by its definition.</summary>
    public FeatureValue[] ByDefinition(LatestView view, FeatureValue[] keys, DateTime time)
    {
        var known = Events.Where(e => e.Time < time && view.Entity.Keys.ToArray().Select((k, i) => e.Values[Source.IndexOf(k)].ToString() == keys[i].ToString()).All(same => same)).ToArray();
        if (known.Length == 0 || (view.TimeToLive is { } limit && time - known.Max(e => e.Time) > limit))
        {
            return new FeatureValue[view.Features.Length];
        }

        var last = known.Where(e => e.Time == known.Max(o => o.Time)).ToArray();
        if (Source.CreatedColumn is { } created)
        {
            DateTime Created(FeatureValue[] values) => values[Source.IndexOf(created)] is { IsMissing: false } moment ? moment.Time : DateTime.MinValue;
            var newest = last.Max(e => Created(e.Values));
            last = [.. last.Where(e => Created(e.Values) == newest)];
        }

        return [.. view.Features.ToArray().Select(f => last.Select(e => e.Values[Source.IndexOf(f)]).Aggregate((a, b) => Larger(Source.Columns[Source.IndexOf(f)], a, b)))];
    }

    private static FeatureValue Larger(Column column, FeatureValue a, FeatureValue b)
    {
        if (a.IsMissing || b.IsMissing)
        {
            return a.IsMissing ? b : a;
        }

        var (left, right) = (Elements(column, a), Elements(column, b));
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var order = Comparer<IComparable>.Default.Compare(left[i], right[i]);
            if (order != 0)
            {
                return order > 0 ? a : b;
            }
        }

        return left.Length >= right.Length ? a : b;
    }

    // Every element as something whose own order is the one that counts: a number by whether it is one, its value and its sign.
    private static IComparable[] Elements(Column column, FeatureValue value) => [.. (value.Elements is { } elements ? elements.Cast<object>() : [Scalar(column, value)]).Select(e => (IComparable)(e switch
    {
        Half or float or double => Convert.ToDouble(e is Half half ? (double)half : e, System.Globalization.CultureInfo.InvariantCulture) is var x && double.IsNaN(x) ? (0, 0.0, 0) : (1, x, double.IsNegative(x) ? 0 : 1),
        string text => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text)),
        Guid guid => guid.ToString(),
        _ => (IComparable)e,
    }))];

    private static object Scalar(Column column, FeatureValue value) => column.Type.Kind switch
    {
        ColumnKind.Text => value.Text!,
        ColumnKind.Category => column.Categories.IndexOf(value.Text!),
        ColumnKind.Guid => value.Guid,
        ColumnKind.Half or ColumnKind.Float or ColumnKind.Double => value.Number,
        ColumnKind.UInt64 => (ulong)value.Integer,
        _ => value.Integer,
    };

    private (DateTime, FeatureValue[]) Event(Column[] columns, bool hasCreated)
    {
        FeatureValue[] values = [.. Keys(), .. columns.Select(Value)];
        return (Time(true), hasCreated ? [.. values, _random.Next(4) == 0 ? FeatureValue.Missing : Start.AddHours(_random.Next(3))] : values);
    }

    private FeatureValue Value(Column column) => column.Type is { IsScalar: true, Kind: ColumnKind.Half or ColumnKind.Float or ColumnKind.Double } && _random.Next(2) == 0
        ? ((double[])[double.NaN, 0.0, -0.0, 1, double.NegativeInfinity])[_random.Next(5)]
        : column.Type == ColumnType.VectorOf(ColumnKind.Float, 2) ? FeatureValue.Of((float[])[_random.Next(2) == 0 ? float.NaN : 0f, _random.Next(2) == 0 ? -0f : 0f])
        : RandomRows.Value(_random, column);

    private FeatureValue[] Keys() => [.. _keys.Select(k => (FeatureValue)(k.Name switch
    {
        "id" => (long)_random.Next(2),
        "name" => _random.Next(2) == 0 ? "a" : "a longer name than fits into a key",
        _ => new Guid(_random.Next(2), 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
    }))];

    private DateTime Time(bool isSlot) => Start.AddHours(12 * _random.Next(Slots)).AddMinutes(isSlot ? 0 : _random.Next(1, 700));
}
