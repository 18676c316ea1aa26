namespace Mlp.Kernels;

/// <summary>A line of bits, one a row.</summary>
internal unsafe interface ISliceBits<TSelf>
    where TSelf : struct, ISliceBits<TSelf>
{
    /// <summary>64-bit words of a line.</summary>
    static abstract int Words { get; }

    /// <summary>Reads a line of a buffer.</summary>
    static abstract TSelf Load(ulong* lines, int line);

    /// <summary>Writes a line of a buffer.</summary>
    static abstract void Store(ulong* lines, int line, TSelf value);

    /// <summary>For each row one or the other: an answer is 1 for no.</summary>
    static abstract TSelf Select(TSelf answers, TSelf no, TSelf yes);
}
