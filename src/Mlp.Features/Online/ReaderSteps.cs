namespace Mlp.Features;

/// <summary>A service, compiled for reading.</summary>
internal static class ReaderSteps
{
    public static FeatureReader.Step[] Of(FeatureService service, Func<EntityView, ViewPlan> planOf)
    {
        var steps = new FeatureReader.Step[service.Views.Length];
        var offset = 0;
        for (var i = 0; i < steps.Length; i++)
        {
            var view = service.Views[i];
            steps[i] = view switch
            {
                OnDemandView onDemand => new FeatureReader.Step(null, onDemand, -1, offset, view.FloatCount, []),
                EntityView stored => new FeatureReader.Step(planOf(stored), null, EntityIndex(service, stored.Entity), offset, view.FloatCount, MissingRow.Of(stored)),
                _ => throw new ArgumentException($"The view '{view.Name}' is of an unknown kind.", nameof(service)),
            };
            offset += view.FloatCount;
        }

        return steps;
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
