namespace Mlp.Features;

/// <summary>An on-demand view of a service: where in the service's row and request it finds what it reads.</summary>
internal sealed class OnDemandPlan
{
    private readonly InputPlace[] _features;
    private readonly int[] _requested;

    private OnDemandPlan(OnDemandView view, int offset, InputPlace[] features, int[] requested)
    {
        View = view;
        Offset = offset;
        _features = features;
        _requested = requested;
    }

    public OnDemandView View { get; }

    /// <summary>The view's first float in the row.</summary>
    public int Offset { get; }

    /// <summary>Plans the on-demand views of a service.</summary>
    /// <param name="service">The service's name, for messages.</param>
    /// <param name="views">Its views.</param>
    /// <param name="request">Names of what a request brings.</param>
    public static OnDemandPlan[] Of(string service, FeatureView[] views, string[] request)
    {
        var offsets = new Dictionary<string, (FeatureView View, int Offset)>(StringComparer.Ordinal);
        var offset = 0;
        foreach (var view in views)
        {
            offsets.Add(view.Name, (view, offset));
            offset += view.FloatCount;
        }

        return [.. views.OfType<OnDemandView>().Select(view => new OnDemandPlan(
            view,
            offsets[view.Name].Offset,
            Array.ConvertAll(view.Inputs.ToArray(), input => PlaceOf(service, view, input, offsets)),
            Array.ConvertAll(view.Requested.ToArray(), name => Array.IndexOf(request, name))))];
    }

    /// <summary>What the requests of some views bring: each name once, in the order in which they first occur.</summary>
    public static string[] RequestOf(FeatureView[] views) => [.. views.OfType<OnDemandView>().SelectMany(v => v.Requested.ToArray()).Distinct(StringComparer.Ordinal)];

    /// <summary>Computes the view's features of a row whose stored features are there.</summary>
    public void Run(DateTime time, Span<float> row, ReadOnlySpan<float> request) =>
        View.Compute(new OnDemandInput(time, row, _features, request, _requested), row.Slice(Offset, View.FloatCount));

    private static InputPlace PlaceOf(string service, OnDemandView view, string input, Dictionary<string, (FeatureView View, int Offset)> offsets)
    {
        var dot = input.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !offsets.TryGetValue(input[..dot], out var stored) || stored.View is not EntityView)
        {
            throw new ArgumentException($"'{view.Name}' reads '{input}'; expected view, dot and feature of a stored view of the service '{service}': {string.Join(", ", offsets.Values.Where(v => v.View is EntityView).Select(v => v.View.Name))}.", nameof(input));
        }

        var column = stored.View.Schema.IndexOf(input[(dot + 1)..]);
        return column >= 0 && stored.View.Schema.Fields[column] is { FirstFloat: >= 0 } field
            ? new InputPlace(stored.Offset + field.FirstFloat, field.Column.Type.FloatCount)
            : throw new ArgumentException($"'{view.Name}' reads '{input}'; expected a number, bool, category or vector among {stored.View.Schema.Canonical}.", nameof(input));
    }
}
