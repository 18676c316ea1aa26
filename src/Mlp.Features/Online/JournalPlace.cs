namespace Mlp.Features;

/// <summary>A place in a journal: the state of a checkpoint is exactly that of all entries before it.</summary>
/// <param name="Journal">Which journal.</param>
/// <param name="Address">Where the next entry begins.</param>
/// <param name="Number">The number of the last entry before it.</param>
internal sealed record JournalPlace(Guid Journal, long Address, long Number);
