using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Edge.Tests.Models;

/// <summary>A small graph and its rows, which Mlp.Edge and ONNX Runtime are asked about.</summary>
internal sealed class OperatorCase
{
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");

    private readonly List<(TensorSpec Spec, Array Rows)> _inputs = [];
    private readonly List<TensorSpec> _outputs = [];
    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, OnnxTensor> _constants = [];
    private int _rows = -1;

    /// <summary>Version of ai.onnx.ml.</summary>
    public long Ml { get; init; } = 3;

    /// <summary>Version of ai.onnx.</summary>
    public long Opset { get; init; } = 17;

    /// <summary>Adds an input of rows; a width of 0 is [batch].</summary>
    public OperatorCase Input(string name, int width, Array rows)
    {
        var type = rows switch
        {
            float[] => ElementType.Float32,
            double[] => ElementType.Float64,
            long[] => ElementType.Int64,
            int[] => ElementType.Int32,
            bool[] => ElementType.Bool,
            string[] => ElementType.String,
            _ => throw new ArgumentException("no element type", nameof(rows)),
        };
        _rows = rows.Length / Math.Max(1, width);
        _inputs.Add((width == 0 ? new TensorSpec(name, type, Batch) : new TensorSpec(name, type, Batch, TensorDimension.Fixed(width)), rows));
        return this;
    }

    public OperatorCase Constant(string name, OnnxTensor tensor)
    {
        _constants.Add(name, tensor);
        return this;
    }

    public OperatorCase Node(string op, string inputs, string outputs, params ReadOnlySpan<(string Name, OnnxAttribute Value)> attributes)
    {
        var values = new Dictionary<string, OnnxAttribute>();
        foreach (var (name, value) in attributes)
        {
            values.Add(name, value);
        }

        var ml = op.StartsWith("ml.", StringComparison.Ordinal);
        _nodes.Add(new OnnxNode { OpType = ml ? op[3..] : op, Domain = ml ? "ai.onnx.ml" : "", Name = $"n{_nodes.Count}", Inputs = inputs.Length == 0 ? [] : inputs.Split(' ').Select(static i => i == "_" ? "" : i).ToArray(), Outputs = outputs.Split(' '), Attributes = values });
        return this;
    }

    /// <summary>Adds an output; a shape of no numbers is [batch].</summary>
    public OperatorCase Output(string name, ElementType type, params ReadOnlySpan<int> row)
    {
        TensorDimension[] shape = [Batch, .. row.ToArray().Select(static d => TensorDimension.Fixed(d))];
        _outputs.Add(new TensorSpec(name, type, shape));
        return this;
    }

    public OnnxModel Model() => new()
    {
        Opsets = new Dictionary<string, long> { [""] = Opset, ["ai.onnx.ml"] = Ml },
        Graph = new OnnxGraph
        {
            Nodes = _nodes,
            Initializers = _constants,
            Inputs = [.. _inputs.Select(static i => new OnnxValueInfo(i.Spec.Name, i.Spec))],
            Outputs = [.. _outputs.Select(static o => new OnnxValueInfo(o.Name, o))],
        },
    };

    /// <summary>What Mlp.Edge gives for all rows, one array an output.</summary>
    public Array[] Run()
    {
        var session = EdgeModel.Load(Model().Write()).CreateSession(_rows);
        return Run(session, 0, _rows);
    }

    /// <summary>Both give the same: numbers within a tolerance relative to the larger (0: to the bit but for the sign of NaN), the rest exactly. Each row alone gives the same bits.</summary>
    public void Agree(double tolerance = 0)
    {
        var onnx = Model().Write();
        var model = EdgeModel.Load(onnx);
        var all = Run(model.CreateSession(_rows), 0, _rows);
        var expected = Ort(onnx);
        for (var o = 0; o < all.Length; o++)
        {
            Assert.Equal(expected[o].Length, all[o].Length);
            for (var i = 0; i < all[o].Length; i++)
            {
                Same(expected[o].GetValue(i)!, all[o].GetValue(i)!, tolerance, $"output {_outputs[o].Name}, element {i}");
            }
        }

        var single = model.CreateSession();
        for (var r = 0; r < _rows; r++)
        {
            var one = Run(single, r, 1);
            for (var o = 0; o < one.Length; o++)
            {
                var width = all[o].Length / _rows;
                for (var i = 0; i < width; i++)
                {
                    Assert.Equal(all[o].GetValue((r * width) + i), one[o].GetValue(i));
                }
            }
        }
    }

    /// <summary>Why Mlp.Edge does not load the graph.</summary>
    public string Refusal()
    {
        var error = Assert.Throws<MlpException>(() => EdgeModel.Load(Model().Write()));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        return error.Message;
    }

    private Array[] Run(EdgeSession session, int start, int rows)
    {
        for (var i = 0; i < _inputs.Count; i++)
        {
            switch (_inputs[i].Rows)
            {
                case float[] values: Copy(values, session.Input<float>(i)); break;
                case double[] values: Copy(values, session.Input<double>(i)); break;
                case long[] values: Copy(values, session.Input<long>(i)); break;
                case int[] values: Copy(values, session.Input<int>(i)); break;
                case bool[] values: Copy(values, session.Input<bool>(i)); break;
                case string[] values: Copy(values, session.Texts(i)); break;
            }
        }

        session.Run(rows);
        var results = new Array[_outputs.Count];
        for (var o = 0; o < results.Length; o++)
        {
            var count = rows * Math.Max(1, _outputs[o].RowElements);
            var (output, width) = (o, Math.Max(1, _outputs[o].RowElements));
            results[o] = _outputs[o].Type switch
            {
                ElementType.Float32 => session.Output<float>(o)[..count].ToArray(),
                ElementType.Float64 => session.Output<double>(o)[..count].ToArray(),
                ElementType.Int64 => session.Output<long>(o)[..count].ToArray(),
                ElementType.Int32 => session.Output<int>(o)[..count].ToArray(),
                ElementType.Bool => session.Output<bool>(o)[..count].ToArray(),
                _ => Enumerable.Range(0, count).Select(i => session.Text(i / width, output, i % width)).ToArray(),
            };
        }

        return results;

        void Copy<T>(T[] values, Span<T> to) => values.AsSpan(start * values.Length / _rows, rows * values.Length / _rows).CopyTo(to);
    }

    private Array[] Ort(byte[] onnx)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(onnx, options);
        using var run = new RunOptions();
        OrtValue[] inputs = [.. _inputs.Select(static i => Value(i.Spec, i.Rows))];
        using var results = session.Run(run, [.. _inputs.Select(static i => i.Spec.Name)], inputs, [.. _outputs.Select(static o => o.Name)]);
        var arrays = new Array[_outputs.Count];
        for (var o = 0; o < arrays.Length; o++)
        {
            Assert.Equal([_rows, .. _outputs[o].Shape[1..].ToArray().Select(static d => d.Length)], results[o].GetTensorTypeAndShape().Shape);
            arrays[o] = _outputs[o].Type switch
            {
                ElementType.Float32 => results[o].GetTensorDataAsSpan<float>().ToArray(),
                ElementType.Float64 => results[o].GetTensorDataAsSpan<double>().ToArray(),
                ElementType.Int64 => results[o].GetTensorDataAsSpan<long>().ToArray(),
                ElementType.Int32 => results[o].GetTensorDataAsSpan<int>().ToArray(),
                ElementType.Bool => results[o].GetTensorDataAsSpan<bool>().ToArray(),
                _ => results[o].GetStringTensorAsArray(),
            };
        }

        foreach (var input in inputs)
        {
            input.Dispose();
        }

        return arrays;
    }

    private static OrtValue Value(TensorSpec spec, Array rows)
    {
        long[] shape = spec.Shape.Length == 1 ? [rows.Length] : [rows.Length / spec.RowElements, spec.RowElements];
        if (rows is string[] texts)
        {
            var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            for (var i = 0; i < texts.Length; i++)
            {
                value.StringTensorSetElementAt(texts[i], i);
            }

            return value;
        }

        return rows switch
        {
            float[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            double[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            long[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            int[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            _ => OrtValue.CreateTensorValueFromMemory((bool[])rows, shape),
        };
    }

    private static void Same(object expected, object actual, double tolerance, string where)
    {
        if (expected is float or double)
        {
            var (e, a) = (Convert.ToDouble(expected, null), Convert.ToDouble(actual, null));
            var close = e.Equals(a) || Math.Abs(e - a) <= tolerance * Math.Max(1, Math.Abs(e));
            Assert.True(close, $"{where}: {actual}, expected {expected}");
            return;
        }

        Assert.True(expected.Equals(actual), $"{where}: {actual}, expected {expected}");
    }
}
