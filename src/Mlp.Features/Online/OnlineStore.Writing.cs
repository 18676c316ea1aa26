using Mlp.Core;

namespace Mlp.Features;

/// <content>Events and rows go in, one caller at a time.</content>
public sealed partial class OnlineStore
{
    /// <summary>Puts a row of a latest view, unless a newer one is there.</summary>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="row">One float a feature.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: the row has another length; <see cref="ErrorCodes.LimitReached"/> and <see cref="FeatureErrors.StoreFaulted"/> as with <see cref="Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/>.</exception>
    public void Put(LatestView view, EntityKey key, DateTime knownAt, ReadOnlySpan<float> row)
    {
        var plan = Plan(view);
        if (row.Length != plan.Width)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{row.Length} floats for a row of '{view.Name}'; expected {plan.Width}.");
        }

        var micros = FeatureTime.Micros(knownAt);
        lock (_writing)
        {
            RequireRoom();
            try
            {
                PutRow(plan, key, micros, row);
            }
            catch (Exception e)
            {
                FaultIfHalf(e, 0);
                throw;
            }

            _newestMicros = Math.Max(_newestMicros, micros);
        }
    }

    /// <summary>Runs a bulk load alone. If it fails half-way, the state in memory counts events that a repetition would count again: the store then refuses everything until it is opened anew.</summary>
    internal void Load(long fromMicros, long untilMicros, Action load)
    {
        lock (_writing)
        {
            _life.Require();
            if (_newestMicros != long.MinValue && _newestMicros >= fromMicros)
            {
                throw new MlpException(FeatureErrors.CountedTwice, $"An event of {FeatureTime.FromMicros(_newestMicros):O} was pushed since the last checkpoint, and history from {(CompleteUntil is { } from ? from.ToString("O") : "its beginning")} on would count it again. Make a checkpoint behind the newest event first (CheckpointAsync); materialisation then goes on from there.");
            }

            try
            {
                load();
            }
            catch (Exception e)
            {
                _life.Fault(e);
                throw;
            }

            _newestMicros = Math.Max(_newestMicros, untilMicros - 1);
        }
    }

    /// <summary>Puts a row, inside of <see cref="Load"/>.</summary>
    internal void LoadRow(ViewPlan plan, EntityKey key, long micros, ReadOnlySpan<float> row)
    {
        RequireRoom();
        PutRow(plan, key, micros, row);
    }

    private unsafe void PutRow(ViewPlan plan, EntityKey entity, long micros, ReadOnlySpan<float> row)
    {
        fixed (float* pointer = row)
        {
            var key = new StoreKey { Entity = entity, View = plan.Id };
            var input = new StoreInput { Plan = plan, Micros = micros, Row = pointer };
            _engine.Modify(ref key, ref input);
        }
    }

    private void RequireRoom()
    {
        _life.Require();
        if (_engine.LogBytes >= _options.LogBytesMax)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"The log of the store in {_folder} has {_engine.LogBytes} bytes, and {nameof(OnlineStoreOptions.LogBytesMax)} allows {_options.LogBytesMax}: make a checkpoint, which compacts it (CheckpointAsync), or raise the limit.");
        }
    }

    // What is refused has changed nothing; if it is the first view that refuses, the event as a whole has not. Of anything else it is not known.
    private void FaultIfHalf(Exception e, int viewsChanged)
    {
        if (viewsChanged > 0 || e is not MlpException { Code: FeatureErrors.SumOverflow or FeatureErrors.RetractionInvalid or ErrorCodes.LimitReached })
        {
            _life.Fault(e);
        }
    }
}
