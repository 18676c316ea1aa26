using System.Runtime.InteropServices;

namespace Mlp.Kernels;

/// <summary>
/// A node as the walks read it, 16 bytes: one question <c>x &lt;= Threshold</c>, children side by side. A leaf points at itself and
/// sends NaN to itself, so a walk may take any number of steps too many.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct PackedNode
{
    /// <summary>Set in <see cref="Feature"/> where NaN counts as yes.</summary>
    public const int MissingGoesTrue = int.MinValue;

    /// <summary>What the feature is compared with; +∞ in a leaf.</summary>
    public float Threshold;

    /// <summary>Index of the feature, with <see cref="MissingGoesTrue"/> as the highest bit.</summary>
    public int Feature;

    /// <summary>Index of the child that follows a yes; the one that follows a no stands behind it. A leaf's own index.</summary>
    public int Child;

    /// <summary>Of a leaf: what it adds.</summary>
    public float Value;
}
