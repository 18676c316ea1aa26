using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>One row's ranks in registers, of which the questions of <see cref="PerfectTrees"/> are asked, many at once.</summary>
internal unsafe interface ILoneAsk<TSelf>
    where TSelf : struct, ILoneAsk<TSelf>
{
    /// <summary>Bytes of a rank, a column and a key.</summary>
    static abstract int RankBytes { get; }

    /// <summary>Reads a row's ranks.</summary>
    /// <param name="ranks">128 bytes, aligned.</param>
    static abstract TSelf Load(byte* ranks);

    /// <summary>Asks the questions of a tree's upper levels.</summary>
    /// <param name="columns">The columns that are asked.</param>
    /// <param name="keys">What their ranks are compared with.</param>
    /// <returns>A bit for each place: set where the answer is no.</returns>
    ulong Ask(byte* columns, byte* keys);

    /// <summary>Asks the tails that are reached in eight trees.</summary>
    /// <param name="tails">The first tree's tails, such that the place that is reached is their index.</param>
    /// <param name="stride">Bytes from one tree to the next.</param>
    /// <param name="places">The places that are reached.</param>
    /// <returns>A number for each tree: 2 for the first no, 1 for the second.</returns>
    Vector512<ulong> AskTails(byte* tails, nint stride, int* places);
}
