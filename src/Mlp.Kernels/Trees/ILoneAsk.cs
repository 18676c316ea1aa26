namespace Mlp.Kernels;

/// <summary>One row's ranks in registers, of which all questions of a word of <see cref="PerfectTrees"/> are asked at once.</summary>
internal unsafe interface ILoneAsk<TSelf>
    where TSelf : struct, ILoneAsk<TSelf>
{
    /// <summary>Bytes of a word's columns, and of its keys.</summary>
    static abstract int WordBytes { get; }

    /// <summary>Reads a row's ranks.</summary>
    /// <param name="ranks">128 bytes, aligned.</param>
    static abstract TSelf Load(byte* ranks);

    /// <summary>Asks 64 questions.</summary>
    /// <param name="columns">The columns that are asked.</param>
    /// <param name="keys">What their ranks are compared with.</param>
    /// <returns>A bit for each place: set where the answer is no.</returns>
    ulong Ask(byte* columns, byte* keys);
}
