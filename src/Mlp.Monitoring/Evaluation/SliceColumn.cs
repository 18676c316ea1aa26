namespace Mlp.Monitoring;

/// <summary>A column to evaluate by: each of its values is a slice.</summary>
/// <param name="Name">The column's name, such as <c>origin_size</c>.</param>
/// <param name="Values">Its value in each row, in the order of the rows.</param>
public sealed record SliceColumn(string Name, IReadOnlyList<string> Values);
