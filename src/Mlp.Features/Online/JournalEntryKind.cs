namespace Mlp.Features;

/// <summary>What an entry of the journal says. The numbers are on disk.</summary>
internal enum JournalEntryKind : byte
{
    /// <summary>An event was pushed.</summary>
    Event = 1,

    /// <summary>Rows of one latest view were put.</summary>
    Rows = 2,

    /// <summary>A row was deleted.</summary>
    Deletion = 3,

    /// <summary>A materialisation began: what comes behind stands on what it loaded, and counts only with the checkpoint that has it.</summary>
    Load = 4,

    /// <summary>An event was retracted.</summary>
    Retraction = 5,
}
