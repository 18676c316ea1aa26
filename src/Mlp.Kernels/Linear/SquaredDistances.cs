using System.Numerics;
using System.Runtime.InteropServices;

namespace Mlp.Kernels;

/// <summary>Distances of rows to a set of points, as kernels of support vectors need them.</summary>
public static class SquaredDistances
{
    /// <summary>
    /// The sum of (row − point)² for each point. A sum runs over the elements in their order, so that it has the same bits wherever the row
    /// stands.
    /// </summary>
    /// <param name="row">One row.</param>
    /// <param name="points">Row-major, elements × points: the first element of every point, then the second, ...</param>
    /// <param name="result">One a point; overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public static void ToPoints(ReadOnlySpan<float> row, ReadOnlySpan<float> points, Span<float> result)
    {
        if (points.Length != (long)row.Length * result.Length)
        {
            throw new ArgumentException($"{points.Length} elements of points do not fit {result.Length} points of {row.Length} elements.");
        }

        result.Clear();
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(result);
        for (var k = 0; k < row.Length; k++)
        {
            var elements = points.Slice(k * result.Length, result.Length);
            var element = new Vector<float>(row[k]);
            var columns = MemoryMarshal.Cast<float, Vector<float>>(elements);
            for (var v = 0; v < vectors.Length; v++)
            {
                var difference = element - columns[v];
                vectors[v] += difference * difference;
            }

            for (var i = vectors.Length * Vector<float>.Count; i < result.Length; i++)
            {
                var difference = row[k] - elements[i];
                result[i] += difference * difference;
            }
        }
    }
}
