namespace Mlp.Features;

/// <summary>
/// A windowed view, compiled: which columns it needs, what a tile holds of them, and how a feature is read. In a tile stand sums (64
/// bits wide, then 128), and behind them states that are merged: the smallest, the largest, the first, the last.
/// </summary>
internal sealed class WindowPlan
{
    /// <summary>Each level of blocks is of this many of the level below, as a shift.</summary>
    public const int BlockShift = 3;

    private WindowPlan(WindowedView view) => View = view;

    public WindowedView View { get; }

    /// <summary>Columns of the source that aggregates read. An event is one word of each.</summary>
    public required int[] Columns { get; init; }

    /// <summary>What the word of each is.</summary>
    public required WordForm[] Forms { get; init; }

    public required SumSlot[] Sums { get; init; }

    public required StateSlot[] States { get; init; }

    public required Sketch[] Sketches { get; init; }

    /// <summary>The features, those of one window together.</summary>
    public required Reading[] Readings { get; init; }

    public required long TileMicros { get; init; }

    /// <summary>Distinct windows in tiles, shortest first.</summary>
    public required long[] Windows { get; init; }

    public required long LatenessTiles { get; init; }

    /// <summary>Sums of 64 bits; they come first, the number of events before all.</summary>
    public required int Narrow { get; init; }

    /// <summary>Words of a tile's sums.</summary>
    public int SumWords => Narrow + (2 * (Sums.Length - Narrow));

    /// <summary>Words of a tile's states.</summary>
    public required int StateWords { get; init; }

    public int MinStates { get; private init; }

    public int MaxStates { get; private init; }

    public int FirstStates { get; private init; }

    public int LastStates { get; private init; }

    /// <summary>The coarsest level of the sketches' blocks.</summary>
    public required int Levels { get; init; }

    /// <summary>Events that are kept for retractions, at most; 0 for none.</summary>
    public int KeptMax => View.RetractableEventsMax;

    public bool HasRetractions => View.Source.RetractsColumn is not null;

    /// <summary>Tiles that have to be kept behind the newest.</summary>
    public long RetentionTiles => Windows[^1] + LatenessTiles;

    /// <summary>Words of a tile: its number, its sums, its states.</summary>
    public int Stride => 1 + SumWords + StateWords;

    /// <summary>Words of what one event or one tile adds.</summary>
    public int DeltaWords => SumWords + StateWords;

    /// <summary>Words of a kept event: its time, the tile of its retraction, its columns.</summary>
    public int KeptStride => 2 + Columns.Length;

    /// <summary>Sketch items that one event can add.</summary>
    public int ItemsAnEvent => Sketches.Length * (Levels + 1);

    /// <summary>Whether every feature is a sum of integers or a quotient of two, which SQL computes to the end.</summary>
    public bool IsSummable { get; private init; }

    /// <summary>Whether everything comes to a few integers and values a tile, which SQL finds as well as this. Else history is replayed.</summary>
    public bool IsTiled { get; private init; }

    /// <summary>The first feature that reads a sum, for messages.</summary>
    public string FeatureOf(int sum)
    {
        var reading = Array.FindIndex(Readings, r => r.Sum == sum || r.Second == sum || r.Divisor == sum);
        return View.Features[reading < 0 ? 0 : Readings[reading].Feature];
    }

    public long Tile(long micros) => FeatureTime.Tile(micros, TileMicros);

    public static WindowPlan Of(WindowedView view)
    {
        if (view.Source.RetractsColumn is not null && view.RetractableEventsMax == 0)
        {
            throw new ArgumentException($"The source '{view.Source.Name}' has retractions, and the view '{view.Name}' keeps no events for them: set {nameof(WindowedView.RetractableEventsMax)}.", nameof(view));
        }

        var parts = new WindowParts(view);
        var readings = new List<Reading>();
        var feature = 0;
        foreach (var aggregate in view.Aggregates)
        {
            readings.Add(parts.Reading(aggregate, feature));
            feature += aggregate.Width;
        }

        var sums = parts.OrderedSums();
        var states = parts.OrderedStates();
        var sketchWindow = view.Aggregates.ToArray().Where(a => a.Kind >= AggregateKind.Distinct).Select(a => a.Window.Ticks / view.Tile.Ticks).DefaultIfEmpty(1).Max();
        var levels = 0;
        while (sketchWindow >> (BlockShift * (levels + 1)) > 0)
        {
            levels++;
        }

        var lateness = (view.Lateness.Ticks + view.Tile.Ticks - 1) / view.Tile.Ticks;
        return new WindowPlan(view)
        {
            Columns = [.. parts.Columns],
            Forms = [.. parts.Columns.Select(at => view.Source.Columns[at].WordForm)],
            Sums = sums,
            States = states,
            Sketches = [.. parts.Sketches],
            Readings = [.. readings.Select(r => parts.Renumbered(r, sums, states)).OrderBy(r => r.Window).ThenBy(r => r.Sketch).ThenBy(r => r.Feature)],
            TileMicros = view.Tile.Ticks / TimeSpan.TicksPerMicrosecond,
            Windows = parts.Windows,
            LatenessTiles = lateness,
            Narrow = sums.Count(s => !s.IsWide),
            StateWords = states.Sum(s => s.Words),
            MinStates = states.Count(s => s.Kind == AggregateKind.Min),
            MaxStates = states.Count(s => s.Kind == AggregateKind.Max),
            FirstStates = states.Count(s => s.Kind == AggregateKind.First),
            LastStates = states.Count(s => s.Kind == AggregateKind.Last),
            Levels = levels,
            IsTiled = view.RetractableEventsMax == 0 && parts.Sketches.Count == 0 && sums.All(s => s.HalfLifeTiles == 0),
            IsSummable = view.RetractableEventsMax == 0 && states.Length == 0 && parts.Sketches.Count == 0
                && sums.All(s => s.Kind is SumKind.Events or SumKind.Value or SumKind.Above && s.IsInteger),
        };
    }
}

/// <summary>What is summed of each event.</summary>
internal enum SumKind
{
    Events,

    /// <summary>1 for a value, 0 for NaN.</summary>
    Present,
    Above,
    Value,
    Weight,
    Square,
    WeightedValue,
}

/// <summary>One sum of a tile.</summary>
/// <param name="Kind">Of what.</param>
/// <param name="Column">Index of the column's word; −1 of the number of events.</param>
/// <param name="IsInteger">Whether the column's words are integers (else the bits of doubles).</param>
/// <param name="Above">Of a share: the threshold.</param>
/// <param name="Resolution">Of numbers: their step.</param>
/// <param name="HalfLifeTiles">Of a decayed sum.</param>
internal readonly record struct SumSlot(SumKind Kind, int Column, bool IsInteger, long Above, double Resolution, int HalfLifeTiles)
{
    public bool IsWide => Kind is SumKind.Square or SumKind.WeightedValue;
}

/// <summary>One state of a tile: a value, of the first and the last with its time before it.</summary>
internal readonly record struct StateSlot(AggregateKind Kind, int Column, bool IsInteger)
{
    public int Words => Kind is AggregateKind.First or AggregateKind.Last ? 2 : 1;
}

/// <summary>How a feature is read.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Feature">Where it stands in the row, or the first of its ranks.</param>
/// <param name="Window">Index of its window.</param>
/// <param name="Sum">The sum it is made of; −1 for none.</param>
/// <param name="Second">A second one: of squares, or of weights.</param>
/// <param name="Divisor">The number of values.</param>
/// <param name="State">The first word of its state, or the sum's place among them; −1 for none.</param>
/// <param name="Sketch">Its sketch; −1 for none.</param>
/// <param name="IsInteger">Whether the column is one of integers.</param>
/// <param name="Resolution">Of numbers that are summed; else 1.</param>
/// <param name="Rank">Of a quantile.</param>
/// <param name="Width">Ranks of a top list.</param>
internal readonly record struct Reading(AggregateKind Kind, int Feature, int Window, int Sum, int Second, int Divisor, int State, int Sketch, bool IsInteger, double Resolution, double Rank, int Width);
