namespace Mlp.Features;

/// <summary>Which keys a request has to bring.</summary>
internal static class FeatureServiceEntities
{
    /// <summary>The entities of a service's views, each once, in the order in which they first occur.</summary>
    public static Entity[] Of(ReadOnlySpan<FeatureView> views)
    {
        var entities = new List<Entity>();
        foreach (var view in views)
        {
            if (view is EntityView { Entity: var entity } && entities.All(e => e.Name != entity.Name))
            {
                entities.Add(entity);
            }
        }

        return [.. entities];
    }
}
