using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>What an on-demand view computes from: lies where it was read, nothing is copied.</summary>
public readonly ref struct OnDemandInput
{
    private readonly ReadOnlySpan<float> _row;
    private readonly ReadOnlySpan<InputPlace> _features;
    private readonly ReadOnlySpan<float> _request;
    private readonly ReadOnlySpan<int> _requested;

    internal OnDemandInput(DateTime time, ReadOnlySpan<float> row, ReadOnlySpan<InputPlace> features, ReadOnlySpan<float> request, ReadOnlySpan<int> requested)
    {
        Time = time;
        _row = row;
        _features = features;
        _request = request;
        _requested = requested;
    }

    /// <summary>The request's time, UTC.</summary>
    public DateTime Time { get; }

    /// <summary>A feature, by its place among the view's <see cref="OnDemandView.Inputs"/>; NaN where it is missing, and of a vector the first element.</summary>
    public float Feature(int input) => _row[_features[input].First];

    /// <summary>A feature's elements.</summary>
    public ReadOnlySpan<float> Vector(int input) => _row.Slice(_features[input].First, _features[input].Count);

    /// <summary>What came with the request, by its place among the view's <see cref="OnDemandView.Requested"/>; NaN where it is missing.</summary>
    public float Request(int requested) => _request[_requested[requested]];

    /// <summary>A number; null where it is missing.</summary>
    public static float? OrNull(float value) => float.IsNaN(value) ? null : value;
}

/// <summary>Where a feature lies in a service's row.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct InputPlace(int First, int Count);
