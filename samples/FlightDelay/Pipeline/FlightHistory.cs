using FlightDelay.Features;
using FlightDelay.Training;
using Mlp.Features;

namespace FlightDelay.Pipeline;

/// <summary>The flights: a Parquet file of schedules and delays, and the offline store made of it.</summary>
internal sealed class FlightHistory
{
    public static readonly DateTime Begin = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The first week only fills the windows: no row of it is trained on.</summary>
    public static readonly DateTime TrainingBegin = Begin.AddDays(7);

    /// <summary>The last month is held out, and later replayed.</summary>
    public static readonly DateTime HeldOutBegin = new(2001, 6, 1, 0, 0, 0, DateTimeKind.Utc);

    public static readonly DateTime End = new(2001, 7, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>
    /// When a departure becomes known: once it has happened, and never before the moment at which its own delay is asked for. A
    /// flight that leaves early would otherwise stand in its own windows.
    /// </summary>
    public const string KnownAt = "date + to_minutes(greatest(delay, 0))";

    private readonly OfflineStore _store;
    private readonly string _file;

    private FlightHistory(OfflineStore store, string file, string digest, bool reused)
    {
        IsReused = reused;
        _store = store;
        _file = file;
        Digest = digest;
    }

    /// <summary>The offline store.</summary>
    public OfflineStore Store => _store;

    /// <summary>The digest of the file that all this was made from.</summary>
    public string Digest { get; }

    /// <summary>Whether an earlier run had appended the flights.</summary>
    public bool IsReused { get; }

    public long Count => _store.RowsOf(FlightFeatures.Departures);

    /// <summary>Opens the store and appends the file's flights, unless that was done before.</summary>
    public static FlightHistory Open(Workspace workspace, string file, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(file))
        {
            throw new DemoException($"There are no flights at {file}.");
        }

        var digest = Mlp.Core.ContentDigest.OfFile(file);
        var key = Workspace.Key("history 2", digest);
        var history = new FlightHistory(OfflineStore.Open(workspace.At("offline")), file, digest, workspace.IsDone("history", key));
        if (!history.IsReused)
        {
            workspace.Begin("history");
            history._store.Append(FlightFeatures.Departures, "flights", history.Flights().With("known_at", KnownAt), cancellationToken);
            workspace.Complete("history", key);
        }

        return history;
    }

    /// <summary>Brings the features, as they were known at its scheduled departure, to every flight of a span.</summary>
    public IEnumerable<FeatureBatch> Join(DateTime from, DateTime until, CancellationToken cancellationToken = default) =>
        _store.Join(FlightFeatures.Service, new EntityRows(Between(Flights(), "date", from, until), "date", Column.Text("origin"), Column.Text("destination"), Column.Integer("delay")), cancellationToken);

    /// <summary>The joined rows of a span, all at once.</summary>
    public LabelledRows Rows(DateTime from, DateTime until, CancellationToken cancellationToken = default)
    {
        var rows = new LabelledRows(FlightFeatures.Service.RowLength);
        foreach (var batch in Join(from, until, cancellationToken))
        {
            var origins = batch.Texts("origin");
            var destinations = batch.Texts("destination");
            var delays = batch.Integers("delay");
            for (var i = 0; i < batch.Count; i++)
            {
                rows.Add(batch.Rows.Slice(i * rows.Columns, rows.Columns), delays[i] > FlightFeatures.LateMinutes, batch.Times[i], origins[i], destinations[i]);
            }
        }

        return rows;
    }

    /// <summary>The events of a span in the order in which they became known.</summary>
    public IEnumerable<Departure> Events(DateTime from, DateTime until, CancellationToken cancellationToken = default)
    {
        foreach (var batch in _store.Replay(FlightFeatures.Departures, from, until, cancellationToken))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                yield return new Departure(batch.Times[i], batch.Texts("origin")[i], batch.Texts("destination")[i], batch.Integers("delay")[i], batch.Integers("distance")[i]);
            }
        }
    }

    private static OfflineQuery Between(OfflineQuery query, string time, DateTime from, DateTime until) =>
        query.Where(FormattableString.Invariant($"{time} >= TIMESTAMP '{from:yyyy-MM-dd HH:mm:ss}' AND {time} < TIMESTAMP '{until:yyyy-MM-dd HH:mm:ss}'"));

    private OfflineQuery Flights() => OfflineQuery.Parquet(_file);
}

/// <summary>A departure that has become known.</summary>
internal readonly record struct Departure(DateTime KnownAt, string Origin, string Destination, long Delay, long Distance);
