using Mlp.Core;

namespace Mlp.Edge;

/// <summary>A value of the graph: one row-major matrix, its rows being the batch.</summary>
/// <param name="Slot">Index among the session's buffers.</param>
/// <param name="Type">Float32 or Int64.</param>
/// <param name="Width">Elements of a row.</param>
internal readonly record struct EdgeValue(int Slot, ElementType Type, int Width);
