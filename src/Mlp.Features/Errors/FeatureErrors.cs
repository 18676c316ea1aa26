namespace Mlp.Features;

/// <summary>The stable error codes of the feature store.</summary>
public static class FeatureErrors
{
    /// <summary>A definition differs from the one that a store or a model was made with.</summary>
    public const string SchemaMismatch = "features.schema_mismatch";

    /// <summary>Another process has the store's folder open.</summary>
    public const string StoreInUse = "features.store_in_use";

    /// <summary>The store's folder cannot be read or written: a permission, a path or the disk.</summary>
    public const string StoreUnavailable = "features.store_unavailable";

    /// <summary>The store's folder is damaged, or none of this library's.</summary>
    public const string StoreDamaged = "features.store_damaged";

    /// <summary>A change of the store failed half-way; it refuses everything until it is opened again, at its last checkpoint.</summary>
    public const string StoreFaulted = "features.store_faulted";

    /// <summary>The store was closed while a read, a push or a checkpoint would not end.</summary>
    public const string StoreBusy = "features.store_busy";

    /// <summary>The files of a store's folder are laid out by other sizes than it was opened with.</summary>
    public const string LayoutMismatch = "features.layout_mismatch";

    /// <summary>A view's largest record does not fit into a page.</summary>
    public const string RecordTooLarge = "features.record_too_large";

    /// <summary>A row has more bytes than a store allows.</summary>
    public const string RowTooLarge = "features.row_too_large";

    /// <summary>An event lacks what its source declares.</summary>
    public const string EventInvalid = "features.event_invalid";

    /// <summary>A row's values or bytes are not what its columns say.</summary>
    public const string RowInvalid = "features.row_invalid";

    /// <summary>A retraction of what was never pushed, or of a source with a view that keeps no events for it.</summary>
    public const string RetractionInvalid = "features.retraction_invalid";

    /// <summary>The sum of a column over all events of an entity does not fit: into 64 bits, or into 128 of squares and weighted sums.</summary>
    public const string SumOverflow = "features.sum_overflow";

    /// <summary>Materialisation would count events again that were pushed already.</summary>
    public const string CountedTwice = "features.counted_twice";

    /// <summary>A query over the offline store failed.</summary>
    public const string QueryFailed = "features.query_failed";

    /// <summary>A row of entities has no time to ask for, or lacks a value that is carried along.</summary>
    public const string EntityInvalid = "features.entity_invalid";

    /// <summary>An on-demand view was read from JSON, and its code was not given.</summary>
    public const string CodeMissing = "features.code_missing";

    /// <summary>A text is no definitions: not JSON, or not as definitions are.</summary>
    public const string DefinitionInvalid = "features.definition_invalid";
}
