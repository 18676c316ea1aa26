using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Benchmarks;

/// <summary>How raw ONNX Runtime is run.</summary>
/// <param name="Batch">Rows of a run.</param>
/// <param name="Instances">Runs at the same time, a thread each.</param>
/// <param name="Threads">Threads of a run.</param>
/// <param name="Spins">Whether these spin while they wait.</param>
internal readonly record struct OrtSetting(int Batch, int Instances, int Threads, bool Spins)
{
    public static OrtSetting OneRow => new(1, 1, 1, false);

    public override string ToString() => $"batch {Batch}, {Instances} instance{(Instances == 1 ? "" : "s")}, {Threads} thread{(Threads == 1 ? "" : "s")}{(Spins ? " that spin" : "")}";
}

/// <summary>ONNX Runtime by hand, without callers: tight loops over memory that is bound once and holds its rows already.</summary>
internal sealed class RawOrt : IDisposable
{
    private readonly ServedModel _model;
    private readonly OrtSetting _setting;
    private readonly InferenceSession _session;
    private readonly List<IDisposable> _owned = [];
    private readonly Instance[] _instances;

    // Batches that an instance goes through, so that all of them together see every row, as the callers do.
    private readonly int _turns;

    public RawOrt(ServedModel model, OrtSetting setting)
    {
        _model = model;
        _setting = setting;
        using var options = new SessionOptions
        {
            IntraOpNumThreads = setting.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", setting.Spins ? "1" : "0");
        _session = new InferenceSession(model.Onnx, options);
        _turns = (ServedModel.RowsMax + (setting.Batch * setting.Instances) - 1) / (setting.Batch * setting.Instances);
        _instances = new Instance[setting.Instances];
        for (var i = 0; i < _instances.Length; i++)
        {
            _instances[i] = Bind(i);
        }
    }

    /// <summary>Rows that a call runs where so many are asked for: whole batches of all instances.</summary>
    public int Whole(int rows) => Runs(rows) * _setting.Batch * _setting.Instances;

    /// <summary>Runs so many rows, in whole batches.</summary>
    public void Run(int rows)
    {
        var runs = Runs(rows);
        if (_instances.Length == 1)
        {
            Loop(_instances[0], runs);
            return;
        }

        var threads = new Thread[_instances.Length];
        for (var i = 0; i < threads.Length; i++)
        {
            var instance = _instances[i];
            threads[i] = new Thread(() => Loop(instance, runs));
            threads[i].Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    /// <summary>A run of one row: the row is copied in.</summary>
    public float RunOne(ReadOnlySpan<float> row)
    {
        var instance = _instances[0];
        row.CopyTo(instance.Input[0].Span);
        _session.RunWithBinding(instance.Options, instance.Bindings[0]);
        return instance.Output[0].Span[^1];
    }

    /// <summary>The last element of every row's answer.</summary>
    public float[] Answers()
    {
        var answers = new float[ServedModel.RowsMax];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = RunOne(_model.Row(i));
        }

        return answers;
    }

    /// <summary>Compares what the latest runs left.</summary>
    public void Check()
    {
        var width = _model.Model.OutputElements;
        for (var i = 0; i < _instances.Length; i++)
        {
            for (var t = 0; t < _turns; t++)
            {
                _session.RunWithBinding(_instances[i].Options, _instances[i].Bindings[t]);
                for (var r = 0; r < _setting.Batch; r++)
                {
                    _model.Check(RowOf(i, t, r), _instances[i].Output[t].Span[((r + 1) * width) - 1]);
                }
            }
        }
    }

    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        _session.Dispose();
    }

    private int Runs(int rows) => (rows + (_setting.Batch * _setting.Instances) - 1) / (_setting.Batch * _setting.Instances);

    // The instances share the rows out as the callers do; the last batches begin again at the first row.
    private int RowOf(int instance, int turn, int row) => ((((turn * _setting.Instances) + instance) * _setting.Batch) + row) % ServedModel.RowsMax;

    private void Loop(Instance instance, int runs)
    {
        for (var i = 0; i < runs; i++)
        {
            _session.RunWithBinding(instance.Options, instance.Bindings[i % _turns]);
        }
    }

    private Instance Bind(int index)
    {
        var (input, output) = (_model.Model.Layout.Inputs[0], _model.Model.Layout.Outputs[_model.Model.OutputIndex]);
        var instance = new Instance(Own(new RunOptions()), _turns);
        for (var t = 0; t < _turns; t++)
        {
            var rows = instance.Input[t] = AlignedMemory.Allocate<float>(_setting.Batch * input.Width);
            for (var r = 0; r < _setting.Batch; r++)
            {
                _model.Row(RowOf(index, t, r)).CopyTo(rows.Span[(r * input.Width)..]);
            }

            instance.Output[t] = AlignedMemory.Allocate<float>(_setting.Batch * output.Width);
            var binding = instance.Bindings[t] = Own(_session.CreateIoBinding());
            binding.BindInput(input.Name, Own(OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, rows, Shape(input))));
            binding.BindOutput(output.Name, Own(OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, instance.Output[t], Shape(output))));
        }

        return instance;
    }

    private long[] Shape(Mlp.Inference.TensorLayout tensor)
    {
        var shape = new long[tensor.Rank];
        shape[0] = _setting.Batch;
        for (var i = 1; i < shape.Length; i++)
        {
            shape[i] = tensor.RowShape[i - 1];
        }

        return shape;
    }

    private T Own<T>(T item)
        where T : IDisposable
    {
        _owned.Add(item);
        return item;
    }

    private sealed class Instance(RunOptions options, int turns)
    {
        public RunOptions Options => options;

        public Memory<float>[] Input { get; } = new Memory<float>[turns];

        public Memory<float>[] Output { get; } = new Memory<float>[turns];

        public OrtIoBinding[] Bindings { get; } = new OrtIoBinding[turns];
    }
}
