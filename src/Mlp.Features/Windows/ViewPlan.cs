namespace Mlp.Features;

/// <summary>A stored view, compiled: what its records look like and how a row is read from one. Made once, at opening.</summary>
internal sealed class ViewPlan
{
    private ViewPlan(EntityView view, int id)
    {
        View = view;
        Id = id;
        KeyColumns = [.. view.Entity.Keys.ToArray().Select(view.Source.IndexOf)];
    }

    public EntityView View { get; }

    /// <summary>The view's number in the store's keys.</summary>
    public int Id { get; }

    /// <summary>Indices of the key columns in the source.</summary>
    public int[] KeyColumns { get; }

    /// <summary>Of a windowed view: its tiles and how they are read (else records are newest rows).</summary>
    public WindowPlan? Window { get; private init; }

    /// <summary>Floats of a row in a tensor.</summary>
    public int Width => View.FloatCount;

    public long TimeToLiveMicros { get; private init; } = long.MaxValue;

    /// <summary>Of a latest view: indices of the columns in the source.</summary>
    public int[] ValueColumns { get; private init; } = [];

    public static ViewPlan Of(EntityView view, int id) => view switch
    {
        WindowedView windowed => new ViewPlan(view, id) { Window = WindowPlan.Of(windowed) },
        LatestView latest => new ViewPlan(view, id)
        {
            ValueColumns = [.. latest.Features.ToArray().Select(latest.Source.IndexOf)],
            TimeToLiveMicros = latest.TimeToLive?.Ticks / TimeSpan.TicksPerMicrosecond ?? long.MaxValue,
        },
        _ => throw new ArgumentException($"The view '{view.Name}' is of a kind that is not stored.", nameof(view)),
    };
}
