namespace Mlp.Inference;

/// <summary>Sessions for callers who bring many rows and run them on their own thread. As many are kept as there are instances.</summary>
internal sealed class BulkWorkers(IPreparedModel model, int rowsMax, int keptMax) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<Worker> _kept = new();

    public void Run(ReadOnlySpan<float> rows, Span<float> outputs, int outputIndex)
    {
        var worker = Rent();
        try
        {
            worker.Run(rows, outputs, outputIndex);
        }
        finally
        {
            Return(worker);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            while (_kept.TryPop(out var worker))
            {
                worker.Dispose();
            }
        }
    }

    private Worker Rent()
    {
        lock (_gate)
        {
            if (_kept.TryPop(out var worker))
            {
                return worker;
            }
        }

        return new Worker(model, rowsMax);
    }

    private void Return(Worker worker)
    {
        lock (_gate)
        {
            if (_kept.Count < keptMax)
            {
                _kept.Push(worker);
                return;
            }
        }

        worker.Dispose();
    }

    private sealed class Worker(IPreparedModel model, int rowsMax) : IDisposable
    {
        private readonly ModelMemory _memory = model.CreateMemory(rowsMax);
        private readonly IModelSession _session = model.CreateSession(rowsMax);

        public void Run(ReadOnlySpan<float> rows, Span<float> outputs, int outputIndex)
        {
            var target = new ResultTarget { Output = outputIndex };
            var width = _memory.Layout.RowElements;
            var outputWidth = _memory.Layout.Outputs[outputIndex].Width;
            while (!rows.IsEmpty)
            {
                var count = Math.Min(rowsMax, rows.Length / width);
                _memory.WriteRows(rows[..(count * width)], 0, count);
                _session.Run(_memory, count);
                target.TakeInto(_memory, 0, count, outputs);
                rows = rows[(count * width)..];
                outputs = outputs[(count * outputWidth)..];
            }
        }

        public void Dispose()
        {
            _session.Dispose();
            _memory.Dispose();
        }
    }
}
