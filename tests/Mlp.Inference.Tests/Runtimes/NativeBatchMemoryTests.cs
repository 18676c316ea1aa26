using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>Batches in memory of the session's own allocator: on a GPU pinned memory, here the processor's, which goes the same way.</summary>
public class NativeBatchMemoryTests
{
    [Fact]
    public async Task Batches_in_the_sessions_own_memory_are_answered_and_unloaded_like_others()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var runtime = new OnnxModelRuntime(new OnnxRuntimeOptions(), OnnxSettings.AddProvider, DeviceMemory.Host);
        for (var version = 1; version <= 3; version++)
        {
            var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(5, version)), new HostedModelOptions { Runtime = runtime, Batching = new BatchingOptions { BatchRowsMax = 8 } });
            Assert.Contains("batches lie in memory Cpu 0", model.Version.RuntimeReason, StringComparison.Ordinal);
            var rows = Enumerable.Range(0, 5 * 50).Select(i => (float)i).ToArray();
            var answers = new float[rows.Length];
            await model.PredictManyAsync(rows, answers);
            Assert.Equal(rows.Select(v => v + version), answers);
        }

        var last = host.Get("model").Version;
        await host.UnloadAsync("model");
        await last.Unloaded;
    }

    [Fact]
    public void Buffers_are_aligned_and_zeroed_and_go_back_once_before_the_allocator_does()
    {
        using var session = Session();
        var source = new Counting(session);
        using (var model = Model(session, source))
        {
            var memory = model.CreateMemory(7);
            foreach (var buffer in new[] { memory.Input(0), memory.Output(0) })
            {
                Assert.Equal(0, AddressOf(buffer) % AlignedMemory.AlignmentBytes);
                Assert.Contains(AddressOf(buffer), source.Addresses);
                Assert.Equal(7 * 3 * sizeof(float), buffer.Length);
                Assert.Equal(-1, buffer.Span.IndexOfAnyExcept((byte)0));
            }

            Answers(model, memory);
            memory.Dispose();
            memory.Dispose();
            Assert.Equal([1, 1], source.Returned);
            Assert.Equal(1, source.Closed);
            Assert.True(source.ClosedLast);
            Assert.Throws<ObjectDisposedException>(() => memory.Input(0).Span.Clear());
        }
    }

    [Fact]
    public void Buffers_that_are_not_aligned_go_back_at_once_and_the_processs_own_take_their_place()
    {
        using var session = Session();
        var source = new Counting(session) { Skew = 4 };
        using var model = Model(session, source);
        using (var memory = model.CreateMemory(2))
        {
            Assert.Equal([1, 1], source.Returned);
            Assert.True(MemoryMarshal.TryGetArray<byte>(memory.Input(0), out _));
            Assert.Equal(0, AddressOf(memory.Input(0)) % AlignedMemory.AlignmentBytes);
            Answers(model, memory);
        }

        Assert.Equal([1, 1], source.Returned);
        Assert.Equal(1, source.Closed);
    }

    [Fact]
    public void What_was_taken_goes_back_when_the_rest_cannot_be_taken()
    {
        using var session = Session();
        var source = new Counting(session) { FailsAt = 1 };
        using var model = Model(session, source);
        Assert.Throws<InvalidOperationException>(() => model.CreateMemory(2));
        Assert.Equal([1], source.Returned);
        Assert.True(source.Closed == 1 && source.ClosedLast);
    }

    [Fact]
    public void Where_the_session_has_no_such_memory_batches_lie_on_the_managed_heap_and_the_reason_says_so()
    {
        var runtime = new OnnxModelRuntime(new OnnxRuntimeOptions(), OnnxSettings.AddProvider, DeviceMemory.CudaPinned());
        using var model = runtime.Prepare(TestModels.File(TestModels.Adds(3, 1)), new PrepareOptions());
        Assert.Contains("pageable memory, for want of CudaPinned 0", model.Reason, StringComparison.Ordinal);
        using var memory = model.CreateMemory(2);
        Assert.True(MemoryMarshal.TryGetArray<byte>(memory.Input(0), out _));
        Answers(model, memory);
    }

    [Fact]
    public void A_gpus_batches_lie_in_pinned_memory_of_its_device()
    {
        Assert.Null(OnnxSettings.BatchMemory(new OnnxRuntimeOptions()));
        Assert.Equal(DeviceMemory.CudaPinned(), OnnxSettings.BatchMemory(new OnnxRuntimeOptions { Provider = OnnxProvider.Cuda }));
        Assert.Equal(DeviceMemory.CudaPinned(2), OnnxSettings.BatchMemory(new OnnxRuntimeOptions { Provider = OnnxProvider.TensorRt, ProviderOptions = new Dictionary<string, string> { ["device_id"] = "2" } }));
    }

    private static InferenceSession Session() => new(TestModels.Adds(3, 1).Write());

    // The session is shared and let go of by the model; disposing it twice does no harm.
    private static OnnxPreparedModel Model(InferenceSession session, Counting source) =>
        new(session, TestModels.File(TestModels.Adds(3, 1)).Layout, "ONNX Runtime", "", batches: null, _ => source);

    private static void Answers(IPreparedModel model, ModelMemory memory)
    {
        using var run = model.CreateSession(memory.RowsMax);
        memory.InputRows(0, 0, 2).Fill(2);
        run.Run(memory, 2);
        Assert.Equal([3f, 3, 3, 3, 3, 3], MemoryMarshal.Cast<byte, float>(memory.OutputRows(0, 0, 2)).ToArray());
    }

    private static nint AddressOf(Memory<byte> memory) => MemoryMarshal.TryGetArray<byte>(memory, out var array)
        ? Marshal.UnsafeAddrOfPinnedArrayElement(array.Array!, array.Offset)
        : MemoryMarshal.TryGetMemoryManager<byte, NativeBuffer>(memory, out var native) ? native.Address : 0;

    /// <summary>A session's allocator that counts what goes back; by choice its memory is not aligned, or is used up.</summary>
    private sealed class Counting(InferenceSession session) : IBufferSource
    {
        private readonly SessionBuffers _inner = SessionBuffers.Open(session, DeviceMemory.Host, out _)!;
        private readonly List<Held> _held = [];

        public int Skew { get; init; }

        public int FailsAt { get; init; } = int.MaxValue;

        public int Closed { get; private set; }

        public bool ClosedLast { get; private set; }

        public IEnumerable<nint> Addresses => _held.Select(held => held.Address);

        public IEnumerable<int> Returned => _held.Select(held => held.Returned);

        public OrtMemoryInfo Info => _inner.Info;

        public (nint Address, IDisposable Held) Take(int bytes)
        {
            if (_held.Count == FailsAt)
            {
                throw new InvalidOperationException("There is no more.");
            }

            var (address, held) = _inner.Take(bytes + Skew);
            _held.Add(new Held(address + Skew, held));
            return (address + Skew, _held[^1]);
        }

        public void Dispose()
        {
            Closed++;
            ClosedLast = _held.All(held => held.Returned == 1);
            _inner.Dispose();
        }

        private sealed class Held(nint address, IDisposable inner) : IDisposable
        {
            public nint Address => address;

            public int Returned { get; private set; }

            public void Dispose()
            {
                Returned++;
                inner.Dispose();
            }
        }
    }
}
