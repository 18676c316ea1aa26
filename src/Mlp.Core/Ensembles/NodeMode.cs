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

    /// <summary><c>x != threshold</c>; the only comparison that is true of NaN by itself.</summary>
    NotEqual = 6,

    /// <summary>
    /// <c>x</c> is one of a set of categories 0, 1, 2 ... (<see cref="TreeEnsemble.SetOf"/>). NaN, infinities and whatever lies outside the
    /// set's words are in no set; what becomes of fractions is said by <see cref="NodeFlags.TruncatesFractions"/>.
    /// </summary>
    Member = 7,
}
