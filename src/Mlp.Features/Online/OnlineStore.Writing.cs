using Mlp.Core;

namespace Mlp.Features;

/// <content>Events and rows go in, one caller at a time; writers of rows go beside.</content>
public sealed partial class OnlineStore
{
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

            RequireAddedEmpty();
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
            _filled = _plans.Length;
        }
    }

    // Tiles come in their order: what lies before those that are there cannot be brought any more. Newest rows can.
    private void RequireAddedEmpty()
    {
        if (!Array.Exists(_plans, p => IsAdded(p) && p.Window is not null))
        {
            return;
        }

        using var records = _engine.Scan(_engine.BeginAddress, _engine.TailAddress);
        while (records.GetNext(out _))
        {
            if (_plans[(int)records.GetKey().View] is { Window: not null } plan && IsAdded(plan))
            {
                throw new MlpException(FeatureErrors.CountedTwice, $"Events were pushed into the view '{plan.View.Name}' after it was added to the store, and before its history was loaded: what lies before them cannot be added any more. Materialise before pushing: into a new folder, or with the view under another name.");
            }
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

    // What is refused has changed nothing; if it is the first view that refuses, the event as a whole has not. Of anything else it is not known.
    private void FaultIfHalf(Exception e, int viewsChanged)
    {
        if (viewsChanged > 0 || e is not MlpException { Code: FeatureErrors.SumOverflow or FeatureErrors.RetractionInvalid or FeatureErrors.RowTooLarge or ErrorCodes.LimitReached })
        {
            _life.Fault(e);
        }
    }
}
