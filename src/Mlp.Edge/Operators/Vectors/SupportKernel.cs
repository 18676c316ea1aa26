using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>
/// The kernel of support vectors, LIBSVM's four: LINEAR x·v, POLY (γ x·v + c)^d, RBF exp(−γ |x − v|²), SIGMOID tanh(γ x·v + c), with
/// <c>kernel_params</c> (γ, c, d).
/// </summary>
internal sealed class SupportKernel
{
    private readonly Kind _kind;
    private readonly float _gamma;
    private readonly float _coefficient;
    private readonly float _degree;
    private readonly float[] _vectors;

    private SupportKernel(Kind kind, float[] parameters, float[] vectors, int count)
    {
        _kind = kind;
        (_gamma, _coefficient, _degree) = parameters is [var gamma, var coefficient, var degree] ? (gamma, coefficient, degree) : (0, 0, 0);
        _vectors = vectors;
        Count = count;
    }

    private enum Kind
    {
        Linear,
        Poly,
        Rbf,
        Sigmoid,
    }

    /// <summary>How many support vectors there are.</summary>
    public int Count { get; }

    /// <summary>Reads a node's attributes for rows of a width.</summary>
    public static SupportKernel Read(OnnxNode node, EdgeGraphBuilder builder, int width, int count)
    {
        var kind = node.Text("kernel_type", "LINEAR") switch
        {
            "LINEAR" => Kind.Linear,
            "POLY" => Kind.Poly,
            "RBF" => Kind.Rbf,
            "SIGMOID" => Kind.Sigmoid,
            var other => throw builder.Unsupported(node, $"the attribute 'kernel_type' = '{other}'", "LINEAR, POLY, RBF or SIGMOID"),
        };
        var parameters = node.Floats("kernel_params");
        if (parameters.Length is not (0 or 3))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {parameters.Length} kernel_params; expected 3 (gamma, coef0, degree) or none.");
        }

        var vectors = node.Floats("support_vectors");
        return vectors.Length == (long)width * count
            ? new SupportKernel(kind, parameters, DenseLayer.Transpose(vectors, count, width), count)
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {vectors.Length} numbers of support_vectors; expected {count} vectors of the input's {width} columns.");
    }

    /// <summary>The kernel of one row with every vector.</summary>
    public void Of(ReadOnlySpan<float> row, Span<float> values)
    {
        if (_kind == Kind.Rbf)
        {
            SquaredDistances.ToPoints(row, _vectors, values);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = MathF.Exp(-_gamma * values[i]);
            }

            return;
        }

        MatrixMultiply.Dense(row, _vectors, [], values, row.Length, values.Length);
        for (var i = 0; _kind != Kind.Linear && i < values.Length; i++)
        {
            var x = (_gamma * values[i]) + _coefficient;
            values[i] = _kind == Kind.Sigmoid ? MathF.Tanh(x)
                : _degree == 2 ? x * x
                : _degree == 3 ? x * x * x
                : MathF.Pow(x, _degree);
        }
    }
}
