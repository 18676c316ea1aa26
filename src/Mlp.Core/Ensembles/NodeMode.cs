namespace Mlp.Core;

/// <summary>What a node of a tree asks of its feature <c>x</c>; the names are those of ONNX's <c>nodes_modes</c>.</summary>
public enum NodeMode : byte
{
    /// <summary>Asks nothing: the walk ends here.</summary>
    Leaf = 0,

    /// <summary><c>x &lt;= threshold</c></summary>
    LessOrEqual = 1,

    /// <summary><c>x &lt; threshold</c></summary>
    Less = 2,

    /// <summary><c>x &gt;= threshold</c></summary>
    GreaterOrEqual = 3,

    /// <summary><c>x &gt; threshold</c></summary>
    Greater = 4,

    /// <summary><c>x == threshold</c></summary>
    Equal = 5,

    /// <summary><c>x != threshold</c></summary>
    NotEqual = 6,
}
