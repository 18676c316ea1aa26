using System.Collections.Concurrent;
using Mlp.Core;

namespace Mlp.Inference.Tests.Fakes;

/// <summary>Gives each row back as it is, and does on the way what the test says. The first session's runs of every size, and the others' first run, are warm-ups and left out.</summary>
internal sealed class ScriptedModel(int width = 2) : IPreparedModel
{
    private readonly ConcurrentQueue<int> _batches = new();
    private readonly ConcurrentQueue<int> _warmUps = new();
    private int _running;
    private int _sessions;

    public Action<int, ModelMemory>? OnRun { get; set; }

    public Action? OnWarmUp { get; set; }

    /// <summary>Called when a run is asked to end early; no run succeeds from there on until the session is reset.</summary>
    public Action? OnCancel { get; set; }

    /// <summary>Rows of each batch, in the order in which they began.</summary>
    public int[] Batches => [.. _batches];

    /// <summary>Rows of each warm-up.</summary>
    public int[] WarmUps => [.. _warmUps];

    /// <summary>The batch sizes that it says it has.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [1];

    public bool IsDisposed { get; private set; }

    public bool OverlappedItsDisposal { get; private set; }

    public string Runtime => "scripted";

    public string Reason => "The test asked for it.";

    public ModelLayout Layout { get; } = ModelLayout.Of(new ModelSignature(
        [new TensorSpec("x", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(width))],
        [new TensorSpec("y", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(width))]));

    public IReadOnlyList<int> BatchSizes(int rowsMax) => Sizes;

    public ModelMemory CreateMemory(int rowsMax) => new(Layout, rowsMax);

    public IModelSession CreateSession(int rowsMax) => new Session(this, _sessions++ == 0 ? Sizes.Count : 1);

    public void Dispose()
    {
        OverlappedItsDisposal |= Volatile.Read(ref _running) != 0;
        IsDisposed = true;
    }

    private sealed class Session(ScriptedModel model, int warmUps) : IModelSession
    {
        private int _cold = warmUps;
        private volatile bool _isCanceled;

        public void Run(ModelMemory memory, int rows)
        {
            ThrowIfCanceled();
            if (_cold > 0)
            {
                _cold--;
                model._warmUps.Enqueue(rows);
                model.OnWarmUp?.Invoke();
                return;
            }

            Interlocked.Increment(ref model._running);
            try
            {
                if (model.OnRun is { } onRun)
                {
                    model._batches.Enqueue(rows);
                    onRun(rows, memory);
                    ThrowIfCanceled();
                }

                memory.InputRows(0, 0, rows).CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(memory.Output(0).Span));
            }
            finally
            {
                Interlocked.Decrement(ref model._running);
            }
        }

        public void Cancel()
        {
            _isCanceled = true;
            model.OnCancel?.Invoke();
        }

        public void Reset() => _isCanceled = false;

        public void Dispose()
        {
        }

        private void ThrowIfCanceled()
        {
            if (_isCanceled)
            {
                throw new InvalidOperationException("The run was ended.");
            }
        }
    }
}
