using System.Runtime.CompilerServices;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>An ensemble in the kernels' form, for rows of floats.</summary>
/// <param name="Trees">The same questions; where the leaves cannot be summed there, their values mean nothing.</param>
/// <param name="Nodes">The ensemble's node that each packed one is.</param>
/// <param name="SumsDirectly">Whether the kernels' sums are the ensemble's, to the bit: floats, summed, one a leaf, all of a tree for one target.</param>
internal sealed record PackedEnsemble(PackedTrees Trees, int[] Nodes, bool SumsDirectly)
{
    /// <summary>Bytes of the packed nodes, and of their numbers.</summary>
    public long Bytes => Nodes.Length * (long)(Unsafe.SizeOf<PackedNode>() + sizeof(int));
}
