namespace Mlp.Features;

/// <summary>A service, compiled for reading.</summary>
internal static class ReaderSteps
{
    public static FeatureReader.Step[] Of(FeatureService service, Func<EntityView, ViewPlan> planOf)
    {
        service.RequireCode();
        var steps = new List<FeatureReader.Step>();
        var offset = 0;
        foreach (var view in service.Views)
        {
            if (view is EntityView stored)
            {
                steps.Add(new FeatureReader.Step(planOf(stored), null, EntityIndex(service, stored.Entity), offset, view.FloatCount, MissingRow.Of(stored)));
            }

            offset += view.FloatCount;
        }

        // What is computed from stored features comes after them, wherever it stands in the row.
        foreach (var plan in service.OnDemand)
        {
            steps.Add(new FeatureReader.Step(null, plan, -1, plan.Offset, plan.View.FloatCount, []));
        }

        return [.. steps];
    }

    private static int EntityIndex(FeatureService service, Entity entity)
    {
        for (var i = 0; i < service.Entities.Length; i++)
        {
            if (service.Entities[i].Name == entity.Name)
            {
                return i;
            }
        }

        throw new ArgumentException($"The service '{service.Name}' lacks the entity '{entity.Name}'.", nameof(service));
    }
}
