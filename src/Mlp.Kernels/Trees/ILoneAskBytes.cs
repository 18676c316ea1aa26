namespace Mlp.Kernels;

/// <summary>One row's ranks of bytes in registers, of which the questions of a tree's upper levels are asked at once (<see cref="PerfectTrees"/>).</summary>
internal unsafe interface ILoneAskBytes<TSelf>
    where TSelf : struct, ILoneAskBytes<TSelf>
{
    /// <summary>Reads a row's ranks.</summary>
    /// <param name="ranks">128 bytes, aligned.</param>
    static abstract TSelf Load(byte* ranks);

    /// <summary>Asks 64 questions.</summary>
    /// <param name="columns">The columns that are asked.</param>
    /// <param name="keys">What their ranks are compared with.</param>
    /// <returns>A bit for each place: set where the answer is no.</returns>
    ulong Ask(byte* columns, byte* keys);
}
