namespace Mlp.Features;

/// <summary>
/// Makes a partial record (or struct or class) the row of a <see cref="LatestView"/>: its properties are the columns, in the order in which they
/// are declared. The compiler adds the <c>Source</c> and the <c>View</c>, the <c>Row</c> as it lies in memory, and what turns one into the other.
/// </summary>
/// <typeparam name="TEntity">What the view is about: a type with an <see cref="EntityAttribute"/>.</typeparam>
/// <param name="name">The view's name.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class FeatureViewAttribute<TEntity>(string name) : Attribute
{
    /// <summary>The view's name.</summary>
    public string Name { get; } = name;

    /// <summary>How old a row may be, such as <c>06:00:00</c> or <c>30.00:00:00</c> (days first); null for any age.</summary>
    public string? TimeToLive { get; set; }

    /// <summary>The source's name; null where it is the view's.</summary>
    public string? Source { get; set; }

    /// <summary>The source's column that says when a row became known.</summary>
    public string TimeColumn { get; set; } = "known_at";

    /// <summary>The column, a <see cref="DateTime"/> of the row, that says when a row was written; null where there is none. See <see cref="EventSource.CreatedColumn"/>.</summary>
    public string? CreatedColumn { get; set; }

    /// <summary>
    /// The column, a <see cref="DateTime"/> that may be missing or a <see cref="long"/> of the row, that tells retractions from events; null where there is none. The view keeps what it has seen: it is for
    /// windowed views of the same source. See <see cref="EventSource.RetractsColumn"/>.
    /// </summary>
    public string? RetractsColumn { get; set; }

    /// <summary>Who answers for the view; null where nobody is named.</summary>
    public string? Owner { get; set; }

    /// <summary>What the view is, for people.</summary>
    public string? Description { get; set; }

    /// <summary>Words to find it by.</summary>
    public string[] Tags { get; set; } = [];
}
