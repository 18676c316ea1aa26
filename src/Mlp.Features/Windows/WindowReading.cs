namespace Mlp.Features;

/// <summary>Reads a view's features at a time out of a record.</summary>
internal readonly unsafe ref struct WindowReading
{
    private readonly WindowPlan _plan;
    private readonly TileLog _tiles;
    private readonly KeptEvents _kept;
    private readonly SketchBlocks _blocks;
    private readonly WindowScratch _scratch;
    private readonly long _end;
    private readonly long _base;

    // Retracted events from this tile on are known as such; of older ones no one keeps when they were.
    private readonly long _lateFrom;
    private readonly bool _hasRetracted;

    public WindowReading(long* record, WindowPlan plan, long micros)
    {
        _plan = plan;
        _tiles = new TileLog(record, plan);
        _kept = new KeptEvents(record, plan);
        _blocks = new SketchBlocks(record, plan);
        _scratch = WindowScratch.OfThread;
        _end = plan.Tile(micros);
        _base = record[WindowHeader.Base];
        _lateFrom = record[WindowHeader.Newest] - plan.LatenessTiles;
        _hasRetracted = plan.KeptMax > 0 && _kept.RetractedCount > 0;
    }

    /// <summary>Computes the features.</summary>
    /// <returns>False where a window begins before what was trimmed: its value is no longer known.</returns>
    public bool Read(Span<float> row)
    {
        if (_base != TileLog.NothingTrimmed && _end - _plan.Windows[^1] <= _base)
        {
            return false;
        }

        var last = _tiles.LowerBound(_end);
        var sums = _scratch.Sums(_plan.Sums.Length);
        var states = _scratch.States(_plan.StateWords);
        int window = -1, sketch = -1;
        long begin = 0;
        foreach (ref readonly var reading in _plan.Readings.AsSpan())
        {
            // Features of one window stand together, and in it those of one sketch.
            if (reading.Window != window)
            {
                window = reading.Window;
                sketch = -1;
                begin = _end - _plan.Windows[window];
                Window(_tiles.LowerBound(begin), last, begin, sums, states);
            }

            if (reading.Sketch >= 0)
            {
                if (reading.Sketch != sketch)
                {
                    sketch = reading.Sketch;
                    Collect(sketch, begin);
                }

                SketchValues.Read(_plan.Sketches[sketch], reading, _scratch, row.Slice(reading.Feature, reading.Width));
            }
            else
            {
                row[reading.Feature] = reading.Kind == AggregateKind.DecayedMean ? Decayed(reading, begin) : FeatureValues.Of(reading, sums, states);
            }
        }

        return true;
    }

    private void Window(int first, int last, long begin, Span<Int128> sums, Span<long> states)
    {
        long* until = _tiles.SumsBefore(last), from = _tiles.SumsBefore(first);
        Difference(until, from, sums);
        if (states.Length > 0)
        {
            fixed (long* merged = states)
            {
                TileStates.Clear(_plan, merged);
                _tiles.MergeStates(first, last, merged);
            }
        }

        if (_hasRetracted)
        {
            AddStanding(begin, sums, states);
        }
    }

    private void Difference(long* until, long* from, Span<Int128> sums)
    {
        var narrow = _plan.Narrow;
        for (var s = 0; s < narrow; s++)
        {
            sums[s] = (Int128)until[s] - from[s];
        }

        for (int s = narrow, at = narrow; s < sums.Length; s++, at += 2)
        {
            sums[s] = WindowDelta.Wide(until[at], until[at + 1]) - WindowDelta.Wide(from[at], from[at + 1]);
        }
    }

    // A retracted event is one of the window's until the tile of its retraction has ended.
    private bool IsStanding(int at, long begin) =>
        _kept.RetractedTile(at) is not KeptEvents.Stands and var retracted && retracted >= _end
        && _plan.Tile(_kept.Micros(at)) is var tile && tile >= begin && tile < _end && tile >= _lateFrom;

    private void AddStanding(long begin, Span<Int128> sums, Span<long> states)
    {
        var delta = stackalloc long[_plan.DeltaWords];
        for (var at = 0; at < _kept.Count; at++)
        {
            if (!IsStanding(at, begin))
            {
                continue;
            }

            WindowDelta.Of(_plan, _kept.Micros(at), _kept.Words(at), new Span<long>(delta, _plan.DeltaWords));
            AddTo(sums, delta);
            fixed (long* merged = states)
            {
                TileStates.Merge(_plan, merged, delta + _plan.SumWords);
            }
        }
    }

    private void AddTo(Span<Int128> sums, long* delta)
    {
        for (var s = 0; s < _plan.Narrow; s++)
        {
            sums[s] += delta[s];
        }

        for (int s = _plan.Narrow, at = s; s < sums.Length; s++, at += 2)
        {
            sums[s] += WindowDelta.Wide(delta[at], delta[at + 1]);
        }
    }

    private void Collect(int sketch, long begin)
    {
        _scratch.ClearItems();
        _blocks.Collect(sketch, begin, _end, _scratch);
        for (var at = 0; _hasRetracted && at < _kept.Count; at++)
        {
            if (IsStanding(at, begin) && _plan.Sketches[sketch].TryKey(_kept.Words(at)[_plan.Sketches[sketch].Column], out var key))
            {
                _scratch.Add([new SketchItem(key, 1)]);
            }
        }

        // The highest rank of a register is found in any order.
        if (_plan.Sketches[sketch].Kind != AggregateKind.Distinct)
        {
            _scratch.Merge();
        }
    }

    // From the newest half-life back, each half-life's exact sums at half the weight of the next; the newest tile's own weight falls out of the quotient.
    private float Decayed(in Reading reading, long begin)
    {
        long half = _plan.Sums[reading.Sum].HalfLifeTiles;
        double sum = 0, weights = 0, factor = 1;
        var behind = _tiles.SumsBefore(_tiles.LowerBound(_end));
        for (long until = _end, from; until > begin; until = from, factor *= 0.5)
        {
            from = Math.Max(begin, FeatureTime.Tile(until - 1, half) * half);
            var before = _tiles.SumsBefore(_tiles.LowerBound(from));
            var (added, weight) = Between(reading, before, behind, (from, until, begin));
            behind = before;
            sum += (double)added * factor;
            weights += (double)weight * factor;
        }

        return weights == 0 ? float.NaN : (float)(sum / weights * reading.Resolution);
    }

    private (Int128 Sum, Int128 Weight) Between(in Reading reading, long* before, long* behind, (long From, long Until, long Begin) tiles)
    {
        var at = _plan.Narrow + (2 * (reading.Sum - _plan.Narrow));
        var sum = WindowDelta.Wide(behind[at], behind[at + 1]) - WindowDelta.Wide(before[at], before[at + 1]);
        var weight = (Int128)behind[reading.Second] - before[reading.Second];
        if (_hasRetracted)
        {
            var delta = stackalloc long[_plan.DeltaWords];
            for (var i = 0; i < _kept.Count; i++)
            {
                if (IsStanding(i, tiles.Begin) && _plan.Tile(_kept.Micros(i)) is var tile && tile >= tiles.From && tile < tiles.Until)
                {
                    WindowDelta.Of(_plan, _kept.Micros(i), _kept.Words(i), new Span<long>(delta, _plan.DeltaWords));
                    sum += WindowDelta.Wide(delta[at], delta[at + 1]);
                    weight += delta[reading.Second];
                }
            }
        }

        return (sum, weight);
    }
}
