using Mlp.Core;

namespace Mlp.Features;

/// <content>Events and their retractions go in, one caller at a time.</content>
public sealed partial class OnlineStore
{
    /// <summary>Feeds one event into every view of its source.</summary>
    /// <param name="source">The source. Of one with a <see cref="EventSource.RetractsColumn"/>, an event that is not 0 there is a retraction.</param>
    /// <param name="knownAt">When it became known, UTC: the source's time column.</param>
    /// <param name="values">The other columns, in the source's order.</param>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.EventInvalid"/>: a value is missing or of another type; <see cref="FeatureErrors.SumOverflow"/>: a sum would not fit;
    /// <see cref="FeatureErrors.RetractionInvalid"/>: what is retracted is not there;
    /// <see cref="ErrorCodes.LimitReached"/>: the log is full, a checkpoint makes room, or an entity's events are more than a view may keep; <see cref="FeatureErrors.StoreFaulted"/>: an earlier change failed half-way.
    /// </exception>
    public void Push(EventSource source, DateTime knownAt, params ReadOnlySpan<FeatureValue> values)
    {
        ArgumentNullException.ThrowIfNull(source);
        EventValues.Check(source, values);
        var micros = FeatureTime.Micros(knownAt);
        lock (_writing)
        {
            PushChecked(source, micros, values);
        }
    }

    /// <summary>
    /// Feeds many events of one source, as if one after another, under one lock. Of an error, those before the event that it is about are in the store, and none from it on.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="knownAt">When each became known, UTC.</param>
    /// <param name="values">The other columns of the first event, then those of the second, and so on.</param>
    /// <exception cref="MlpException">As with one event.</exception>
    public void PushMany(EventSource source, ReadOnlySpan<DateTime> knownAt, ReadOnlySpan<FeatureValue> values)
    {
        ArgumentNullException.ThrowIfNull(source);
        var width = source.Columns.Length;
        if (values.Length != (long)knownAt.Length * width)
        {
            throw new MlpException(FeatureErrors.EventInvalid, $"{values.Length} values were given for {knownAt.Length} events of '{source.Name}'; expected {width} each: {string.Join(", ", source.Columns.ToArray().Select(c => c.Name))}.");
        }

        lock (_writing)
        {
            for (var i = 0; i < knownAt.Length; i++)
            {
                var one = values.Slice(i * width, width);
                EventValues.Check(source, one);
                PushChecked(source, FeatureTime.Micros(knownAt[i]), one);
            }
        }
    }

    /// <summary>
    /// Takes an event back out of every windowed view of its source. A request before the tile of the retraction's time still sees the event, as it does
    /// offline. A view of latest rows keeps what it has seen.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="knownAt">When the retraction became known, UTC.</param>
    /// <param name="eventKnownAt">When the event had become known.</param>
    /// <param name="values">The event's other columns, in the source's order; what stands in its <see cref="EventSource.RetractsColumn"/> does not matter.</param>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.RetractionInvalid"/>: a view holds no such event, or keeps none to be retracted (<see cref="WindowedView.RetractableEventsMax"/>); the others as with a push. Nothing has changed then.
    /// </exception>
    public void Retract(EventSource source, DateTime knownAt, DateTime eventKnownAt, params ReadOnlySpan<FeatureValue> values)
    {
        ArgumentNullException.ThrowIfNull(source);
        EventValues.Check(source, values);
        long known = FeatureTime.Micros(knownAt), micros = FeatureTime.Micros(eventKnownAt);
        lock (_writing)
        {
            RetractChecked(source, known, micros, values);
        }
    }

    /// <summary>Adds a tile, inside of <see cref="Load"/>.</summary>
    internal void LoadTile(ViewPlan plan, EntityKey key, long tile, ReadOnlySpan<long> delta)
    {
        RequireRoom();
        Change(plan, key, WindowChange.Tile, 0, tile, delta, dryRun: false);
    }

    /// <summary>Adds an event or a retraction, inside of <see cref="Load"/>.</summary>
    internal void LoadEvent(ViewPlan plan, EntityKey key, in WindowEvent one, ReadOnlySpan<long> words)
    {
        RequireRoom();
        Change(plan, key, one.IsRetraction ? WindowChange.Retraction : WindowChange.Event, one.Micros, one.KnownMicros, words, dryRun: false);
    }

    private void PushChecked(EventSource source, long micros, ReadOnlySpan<FeatureValue> values)
    {
        if (source.IsRetraction(values, out var retracts))
        {
            RetractChecked(source, micros, retracts, values);
            return;
        }

        RequireRoom();
        if (MayRefuse(source))
        {
            foreach (var plan in _plans)
            {
                if (plan.View.Source == source && plan.Window is not null)
                {
                    Change(plan, WindowChange.Event, micros, micros, values, dryRun: true);
                }
            }
        }

        var changed = 0;
        try
        {
            foreach (var plan in _plans)
            {
                if (plan.View.Source == source)
                {
                    Push(plan, micros, values);
                    changed++;
                }
            }
        }
        catch (Exception e)
        {
            FaultIfHalf(e, changed);
            throw;
        }

        _newestMicros = Math.Max(_newestMicros, micros);
    }

    private void RetractChecked(EventSource source, long known, long micros, ReadOnlySpan<FeatureValue> values)
    {
        RequireRoom();
        if (known < micros)
        {
            throw new MlpException(FeatureErrors.RetractionInvalid, $"A retraction of '{source.Name}' is known at {FeatureTime.FromMicros(known):O}, before its event, {FeatureTime.FromMicros(micros):O}.");
        }

        // Every view is asked first: an event is taken out of all of them or of none.
        foreach (var dryRun in (ReadOnlySpan<bool>)[true, false])
        {
            try
            {
                foreach (var plan in _plans)
                {
                    if (plan.View.Source == source && plan.Window is { } window)
                    {
                        if (window.KeptMax == 0)
                        {
                            throw new MlpException(FeatureErrors.RetractionInvalid, $"The view '{window.View.Name}' keeps no events of '{source.Name}' that could be retracted: set {nameof(WindowedView.RetractableEventsMax)}.");
                        }

                        Change(plan, WindowChange.Retraction, micros, known, values, dryRun);
                    }
                }
            }
            catch (Exception e)
            {
                FaultIfHalf(e, dryRun ? 0 : 1);
                throw;
            }
        }

        _newestMicros = Math.Max(_newestMicros, known);
    }

    // Several views, one of which has limits: whether all take the event has to be known before the first does.
    private bool MayRefuse(EventSource source)
    {
        int views = 0, limited = 0;
        foreach (var plan in _plans)
        {
            if (plan.View.Source == source)
            {
                views++;
                limited += plan.Window is { } window && (window.KeptMax > 0 || window.Sketches.Length > 0) ? 1 : 0;
            }
        }

        return views > 1 && limited > 0;
    }

    private void Push(ViewPlan plan, long micros, ReadOnlySpan<FeatureValue> values)
    {
        if (plan.Window is not null)
        {
            Change(plan, WindowChange.Event, micros, micros, values, dryRun: false);
            return;
        }

        Span<float> row = stackalloc float[plan.Width];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = EventValues.Feature(plan.View.Source, plan.ValueColumns[i], values);
        }

        PutRow(plan, EventValues.Key(plan, values), micros, row);
    }

    private void Change(ViewPlan plan, WindowChange change, long micros, long other, ReadOnlySpan<FeatureValue> values, bool dryRun)
    {
        Span<long> words = stackalloc long[plan.Window!.Columns.Length];
        EventValues.Words(plan.Window, values, words);
        Change(plan, EventValues.Key(plan, values), change, micros, other, words, dryRun);
    }

    private unsafe void Change(ViewPlan plan, EntityKey entity, WindowChange change, long micros, long other, ReadOnlySpan<long> words, bool dryRun)
    {
        fixed (long* pointer = words)
        {
            var key = new StoreKey { Entity = entity, View = plan.Id };
            var input = new StoreInput { Plan = plan, Change = change, Micros = micros, Other = other, Words = pointer, DryRun = dryRun };
            _engine.Modify(ref key, ref input);
        }

        if (_engine.Events.Refusal is not WindowOutcome.Changed and var refusal)
        {
            _engine.Events.Refusal = WindowOutcome.Changed;
            throw WindowRefusal.Of(refusal, plan.Window!, entity.ToString(), change == WindowChange.Tile ? other * plan.Window!.TileMicros : micros, _engine.Events.Overflowing);
        }
    }
}
