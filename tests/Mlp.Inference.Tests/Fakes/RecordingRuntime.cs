using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Mlp.Inference.Tests.Fakes;

/// <summary>Another runtime that notes what each run is given.</summary>
internal sealed class RecordingRuntime(IModelRuntime inner) : IModelRuntime
{
    /// <summary>Each run's row shape and the numbers of its rows in the first input, in the order in which they began.</summary>
    public ConcurrentQueue<(int[] RowShape, float[][] Rows)> Runs { get; } = new();

    public string Name => inner.Name;

    public IPreparedModel Prepare(ModelFile file, PrepareOptions options) => new Prepared(inner.Prepare(file, options), this);

    private sealed class Prepared(IPreparedModel model, RecordingRuntime to) : IPreparedModel
    {
        public string Runtime => model.Runtime;

        public string Reason => model.Reason;

        public ModelLayout Layout => model.Layout;

        public IReadOnlyList<int> BatchSizes(int rowsMax) => model.BatchSizes(rowsMax);

        public IPreparedModel? ForRows(ModelLayout layout, CancellationToken cancellationToken) => model.ForRows(layout, cancellationToken) is { } rows ? new Prepared(rows, to) : null;

        public ModelMemory CreateMemory(int rowsMax) => model.CreateMemory(rowsMax);

        public IModelSession CreateSession(int rowsMax) => new Session(model.CreateSession(rowsMax), to);

        public void Dispose() => model.Dispose();
    }

    private sealed class Session(IModelSession session, RecordingRuntime to) : IModelSession
    {
        public void Run(ModelMemory memory, int rows)
        {
            if (memory.Layout.IsBatched)
            {
                var numbers = Enumerable.Range(0, rows).Select(r => MemoryMarshal.Cast<byte, float>(memory.InputBytes(0, r, 1)).ToArray());
                to.Runs.Enqueue((memory.Layout.Inputs[0].RowShape.ToArray(), [.. numbers]));
            }

            session.Run(memory, rows);
        }

        public void Cancel() => session.Cancel();

        public void Reset() => session.Reset();

        public void Dispose() => session.Dispose();
    }
}
