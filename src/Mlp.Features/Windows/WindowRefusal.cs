using Mlp.Core;

namespace Mlp.Features;

/// <summary>Changes of windows that are refused, as errors: the same online and offline.</summary>
internal static class WindowRefusal
{
    /// <summary>The error of an outcome.</summary>
    /// <param name="outcome">Why it was refused.</param>
    /// <param name="plan">The view.</param>
    /// <param name="entity">The entity's key, for people.</param>
    /// <param name="micros">The time of the event, or of the one that was to be retracted.</param>
    /// <param name="overflowing">Of an overflow: the sum.</param>
    public static MlpException Of(WindowOutcome outcome, WindowPlan plan, string entity, long micros, int overflowing)
    {
        var view = plan.View;
        var whose = $"the {view.Entity.Name} '{entity}'";
        return outcome switch
        {
            WindowOutcome.Overflow => new MlpException(FeatureErrors.SumOverflow,
                $"The feature '{plan.FeatureOf(overflowing)}' of the view '{view.Name}' cannot take the event of {FeatureTime.FromMicros(micros):O} for {whose}: the sum over all of its events would not fit into {(plan.Sums[overflowing].IsWide ? "128" : "64")} bits{(plan.Sums[overflowing].IsInteger ? "" : ", in steps of its resolution")}."),
            WindowOutcome.KeptFull => new MlpException(ErrorCodes.LimitReached,
                $"The view '{view.Name}' keeps {nameof(WindowedView.RetractableEventsMax)}, {plan.KeptMax}, events of {whose} that are no older than its lateness, {view.Lateness}; the event of {FeatureTime.FromMicros(micros):O} is one more. Raise the limit, or give the view less lateness."),
            WindowOutcome.SketchFull => new MlpException(ErrorCodes.LimitReached,
                $"The sketches of the view '{view.Name}' hold {nameof(WindowedView.SketchItemsMax)}, {view.SketchItemsMax}, items of {whose}, and the event of {FeatureTime.FromMicros(micros):O} needs more. Raise the limit, or give the view coarser tiles, shorter windows or less precision."),
            _ => new MlpException(FeatureErrors.RetractionInvalid,
                $"The view '{view.Name}' holds no event of {FeatureTime.FromMicros(micros):O} with these values of {whose} that could be retracted: none was pushed, or it was retracted already."),
        };
    }
}
