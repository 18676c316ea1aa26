namespace Mlp.Features;

/// <summary>What 64 bits an aggregate makes of a column's value.</summary>
internal enum WordForm
{
    /// <summary>No aggregate reads such a column.</summary>
    None,

    /// <summary>An integer; there is one in each event.</summary>
    Integer,

    /// <summary>The bits of a double; NaN of a missing value.</summary>
    Number,

    /// <summary>A text's hash.</summary>
    Text,
}
