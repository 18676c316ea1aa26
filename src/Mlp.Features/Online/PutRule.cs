namespace Mlp.Features;

/// <summary>When a row that is put counts.</summary>
public enum PutRule
{
    /// <summary>
    /// Unless one of a later time is there, or a deletion of that time or a later one. Of rows of one time, see <see cref="LatestView"/>. Puts by this rule, deletions
    /// and events may come in any order, and more than once: what is in the store is the same.
    /// </summary>
    IfNewer,

    /// <summary>
    /// In any case: it takes the place of what is there, even if that is newer or a deletion. For corrections, such as of a row with a time that never was;
    /// here the order of arrival decides.
    /// </summary>
    Always,
}
