using Mlp.Core;

namespace Mlp.Features;

/// <content>Events and rows go in, one caller at a time; writers of rows go beside.</content>
public sealed partial class OnlineStore
{
    /// <summary>Feeds one event into every view of its source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="knownAt">When it became known, UTC: the source's time column.</param>
    /// <param name="values">The other columns, in the source's order.</param>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.EventInvalid"/>: a value is missing or of another type; <see cref="FeatureErrors.SumOverflow"/>: a sum would not fit into 64 bits;
    /// <see cref="ErrorCodes.LimitReached"/>: the log is full, a checkpoint makes room; <see cref="FeatureErrors.StoreFaulted"/>: an earlier change failed half-way.
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

    /// <summary>Puts a row of a latest view, unless a newer one is there.</summary>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="row">The floats that a row has in a tensor; every feature has to have some. NaN is a missing value where a feature may be missing.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the row has another length; <see cref="FeatureErrors.RowInvalid"/>: a float is no value of its feature, such as 0.5 of an integer; <see cref="ErrorCodes.LimitReached"/> and <see cref="FeatureErrors.StoreFaulted"/> as with <see cref="Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/>.</exception>
    public void Put(LatestView view, EntityKey key, DateTime knownAt, ReadOnlySpan<float> row)
    {
        var plan = Plan(view);
        if (row.Length != plan.Width)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{row.Length} floats for a row of '{view.Name}'; expected {plan.Width}.");
        }

        PutFloats(plan, key, knownAt, row);
    }

    /// <summary>Runs a bulk load alone. If it fails half-way, the state in memory counts events that a repetition would count again: the store then refuses everything until it is opened anew.</summary>
    internal void Load(long fromMicros, long untilMicros, Action load)
    {
        using (_writers.BeAlone())
        {
            _life.Require();
            if (NewestMicros is var newest && newest != long.MinValue && newest >= fromMicros)
            {
                throw new MlpException(FeatureErrors.CountedTwice, $"An event of {FeatureTime.FromMicros(newest):O} was pushed since the last checkpoint, and history from {(CompleteUntil is { } from ? from.ToString("O") : "its beginning")} on would count it again. Make a checkpoint behind the newest event first (CheckpointAsync); materialisation then goes on from there.");
            }

            try
            {
                NoteLoad(fromMicros, untilMicros);
                load();
            }
            catch (Exception e)
            {
                _life.Fault(e);
                throw;
            }

            _writes++;
            _newestMicros = Math.Max(_newestMicros, untilMicros - 1);
            _loadedUntilMicros = Math.Max(_loadedUntilMicros, untilMicros);
        }
    }

    /// <summary>Adds sums to a tile, inside of <see cref="Load"/>.</summary>
    internal void LoadTile(ViewPlan plan, EntityKey key, long tile, ReadOnlySpan<long> sums)
    {
        RequireRoom();
        AddTile(plan, key, tile, sums);
    }

    private void PushChecked(EventSource source, long micros, ReadOnlySpan<FeatureValue> values)
    {
        RequireWritable();
        var entry = EntryOf(source, micros, values);
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

        Note(entry);
        _writes++;
        _newestMicros = Math.Max(_newestMicros, micros);
    }

    private void Push(ViewPlan plan, long micros, ReadOnlySpan<FeatureValue> values)
    {
        if (plan.Windowed)
        {
            var key = EventValues.Key(plan, values);
            Span<long> sums = stackalloc long[plan.Accumulators.Length];
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] = plan.Accumulators[i].Of(values);
            }

            AddTile(plan, key, FeatureTime.Tile(micros, plan.TileMicros), sums);
            return;
        }

        PushRow(plan, EventValues.Key(plan, values), micros, values);
    }

    private unsafe void AddTile(ViewPlan plan, EntityKey entity, long tile, ReadOnlySpan<long> sums)
    {
        fixed (long* pointer = sums)
        {
            var key = new StoreKey { Entity = entity, View = plan.Id };
            var input = new StoreInput { Plan = plan, Tile = tile, Sums = pointer };
            _engine.Modify(ref key, ref input);
        }

        if (_engine.Events.Overflowing is var accumulator && accumulator >= 0)
        {
            _engine.Events.Overflowing = -1;
            throw new MlpException(FeatureErrors.SumOverflow, $"The feature '{plan.FeatureOf(accumulator)}' of the view '{plan.View.Name}' cannot take {sums[accumulator]} more for the {plan.View.Entity.Name} '{entity}': the sum over all of its events would not fit into 64 bits.");
        }
    }

    // Of what comes in from outside, and so into the journal.
    private void RequireWritable()
    {
        RequireRoom();
        _journal?.RequireRoom();
    }

    private void RequireRoom()
    {
        _life.Require();
        if (!_repeating && _engine.LogBytes >= _options.LogBytesMax)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"The log of the store in {_folder} has {_engine.LogBytes} bytes, and {nameof(OnlineStoreOptions.LogBytesMax)} allows {_options.LogBytesMax}: make a checkpoint, which compacts it (CheckpointAsync), or raise the limit.");
        }
    }

    private long NewestMicros => Math.Max(_newestMicros, _writers.NewestMicros);

    // A sum or a row that does not fit has changed nothing; if it is the first view's, the event as a whole has not. Of anything else it is not known.
    private void FaultIfHalf(Exception e, int viewsChanged)
    {
        if (viewsChanged > 0 || e is not MlpException { Code: FeatureErrors.SumOverflow or FeatureErrors.RowTooLarge })
        {
            _life.Fault(e);
        }
    }
}
