using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>One row's ranks in registers, of which 64 questions at once are answered by bytes.</summary>
internal unsafe interface ILoneAnswer<TSelf>
    where TSelf : struct, ILoneAnswer<TSelf>
{
    /// <summary>Reads a row's ranks.</summary>
    /// <param name="ranks">128 bytes, aligned.</param>
    static abstract TSelf Load(byte* ranks);

    /// <summary>Answers 64 questions.</summary>
    /// <param name="columns">The columns that are asked.</param>
    /// <param name="keys">What their ranks are compared with.</param>
    /// <returns>For each question all bits set where the answer is yes.</returns>
    Vector512<byte> Answer(byte* columns, byte* keys);
}
