using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>Where a value of variable length lies behind a row's fixed part.</summary>
/// <param name="Offset">From the row's first byte; 0 where the value is missing.</param>
/// <param name="Length">Bytes.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TailRange(int Offset, int Length);
