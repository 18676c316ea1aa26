namespace Mlp.Features;

/// <summary>How a read of a row went.</summary>
public enum FeatureReadStatus
{
    /// <summary>Every view knew the entity.</summary>
    Complete,

    /// <summary>A view knows nothing of its entity: counts and sums of it are 0, everything else NaN, as offline.</summary>
    SomeMissing,

    /// <summary>The time lies before what the store keeps; those features are NaN and must not be used.</summary>
    TooOld,
}
