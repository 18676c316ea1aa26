namespace Mlp.Features;

/// <summary>The stable error codes of the feature store.</summary>
public static class FeatureErrors
{
    /// <summary>A definition differs from the one that a store or a model was made with.</summary>
    public const string SchemaMismatch = "features.schema_mismatch";

    /// <summary>Another process has the store's folder open.</summary>
    public const string StoreInUse = "features.store_in_use";

    /// <summary>The store's folder is damaged, or none of this library's.</summary>
    public const string StoreDamaged = "features.store_damaged";

    /// <summary>A read at a time that the store no longer has tiles for.</summary>
    public const string TooOld = "features.too_old";

    /// <summary>An event lacks what its source declares.</summary>
    public const string EventInvalid = "features.event_invalid";

    /// <summary>Materialisation would count events again that were pushed already.</summary>
    public const string CountedTwice = "features.counted_twice";

    /// <summary>A query over the offline store failed.</summary>
    public const string QueryFailed = "features.query_failed";
}
