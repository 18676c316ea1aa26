using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Runs two prepared models on the same rows, compares their answers and their speed.</summary>
internal sealed class RuntimeTrial : IDisposable
{
    /// <summary>Largest difference of two answers that count as the same, relative to the larger of the answer and 1. Integers must be equal.</summary>
    public const float Tolerance = 1e-4f;

    /// <summary>Most memory for the rows of a trial, inputs and outputs.</summary>
    public const long BytesMax = OnnxTrial.BytesMax;

    // Managed code is compiled anew, and much faster, a moment after its first calls: a shorter trial would judge code that nobody will run.
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(100);
    private const int RoundsMin = 4;
    private const int RoundsMax = 10;

    private readonly ModelLayout _layout;
    private readonly float[] _samples;
    private readonly int _rowsMax;
    private readonly CancellationToken _cancellationToken;
    private readonly Contender _a;
    private readonly Contender _b;

    public RuntimeTrial(ModelLayout layout, IPreparedModel a, IPreparedModel b, int rowsMax, float[] samples, CancellationToken cancellationToken)
    {
        _layout = layout;
        _samples = samples;
        _rowsMax = rowsMax;
        _cancellationToken = cancellationToken;
        _a = new Contender(a, rowsMax);
        _b = new Contender(b, rowsMax);
    }

    /// <summary>Whether two runtimes can be compared on a model's rows.</summary>
    public static bool CanCompare(ModelLayout layout)
    {
        var can = layout.IsFloat;
        foreach (var output in layout.Outputs)
        {
            can &= output.Type is ElementType.Float32 or ElementType.Int64;
        }

        return can;
    }

    /// <summary>What differs first; null where all answers are the same.</summary>
    public string? FindDisagreement()
    {
        var elements = _layout.RowElements;
        for (var at = 0; at < _samples.Length; at += _rowsMax * elements)
        {
            var part = _samples.AsSpan(at, Math.Min(_rowsMax * elements, _samples.Length - at));
            var rows = part.Length / elements;
            try
            {
                _a.Run(part, rows, _cancellationToken);
                _b.Run(part, rows, _cancellationToken);
            }
            catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
            {
                return $"a run failed: {e.Message}";
            }

            for (var i = 0; i < _layout.Outputs.Length; i++)
            {
                var output = _layout.Outputs[i];
                var difference = output.Type == ElementType.Float32
                    ? Compare(MemoryMarshal.Cast<byte, float>(_a.Memory.OutputRows(i, 0, rows)), MemoryMarshal.Cast<byte, float>(_b.Memory.OutputRows(i, 0, rows)))
                    : Compare(MemoryMarshal.Cast<byte, long>(_a.Memory.OutputRows(i, 0, rows)), MemoryMarshal.Cast<byte, long>(_b.Memory.OutputRows(i, 0, rows)));
                if (difference is not null)
                {
                    return $"output '{output.Name}', {difference}";
                }
            }
        }

        return null;
    }

    /// <summary>The shortest time a row of each in a full batch, in nanoseconds, the two run by turns.</summary>
    public (double A, double B) Measure()
    {
        var rows = Math.Max(1, Math.Min(_rowsMax, _samples.Length / _layout.RowElements));
        var (bestA, bestB) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round < RoundsMax; round++)
        {
            var (a, b) = MeasureRound(rows);
            var better = a < 0.95 * bestA || b < 0.95 * bestB;
            (bestA, bestB) = (Min(a, bestA), Min(b, bestB));
            if (round + 1 >= RoundsMin && !better)
            {
                break;
            }
        }

        return (bestA.TotalNanoseconds / rows, bestB.TotalNanoseconds / rows);
    }

    private (TimeSpan A, TimeSpan B) MeasureRound(int rows)
    {
        var time = TimeProvider.System;
        var (bestA, bestB) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        var started = time.GetTimestamp();
        do
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var t0 = time.GetTimestamp();
            _a.Session.Run(_a.Memory, rows);
            var t1 = time.GetTimestamp();
            _b.Session.Run(_b.Memory, rows);
            var t2 = time.GetTimestamp();
            (bestA, bestB) = (Min(bestA, time.GetElapsedTime(t0, t1)), Min(bestB, time.GetElapsedTime(t1, t2)));
        }
        while (time.GetElapsedTime(started) < Round);
        return (bestA, bestB);
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static string? Compare(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            var close = a[i].Equals(b[i]) || MathF.Abs(a[i] - b[i]) <= Tolerance * MathF.Max(1, MathF.Abs(b[i]));
            if (!close)
            {
                return $"element {i}: {a[i]} and {b[i]}";
            }
        }

        return null;
    }

    private static string? Compare(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var i = a.CommonPrefixLength(b);
        return i == a.Length ? null : $"element {i}: {a[i]} and {b[i]}";
    }

    private sealed class Contender(IPreparedModel model, int rowsMax) : IDisposable
    {
        public ModelMemory Memory { get; } = model.CreateMemory(rowsMax);

        public IModelSession Session { get; } = model.CreateSession(rowsMax);

        public void Run(ReadOnlySpan<float> samples, int rows, CancellationToken cancellationToken)
        {
            Memory.WriteRows(samples, 0, rows);
            Session.Run(Memory, rows, cancellationToken);
        }

        public void Dispose()
        {
            Session.Dispose();
            Memory.Dispose();
        }
    }
}
