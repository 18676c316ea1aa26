using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Benchmarks;

/// <summary>The machine in a few words: ratios travel, but only to machines of a kind.</summary>
internal static class Machine
{
    public static string Name { get; } = $"{Environment.ProcessorCount}c {Vectors()}";

    private static string Vectors() =>
        Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : AdvSimd.IsSupported ? "AdvSimd" : "scalar";
}
