namespace Mlp.Core;

/// <summary>What <see cref="IModelTokens"/> stands on.</summary>
internal enum ModelToken : byte
{
    /// <summary>The document is over.</summary>
    End,

    /// <summary>An object begins: names and values follow.</summary>
    ObjectStart,

    /// <summary>The innermost object ends.</summary>
    ObjectEnd,

    /// <summary>An array begins.</summary>
    ArrayStart,

    /// <summary>The innermost array ends.</summary>
    ArrayEnd,

    /// <summary>The name of an object's value, which follows.</summary>
    Name,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True.</summary>
    True,

    /// <summary>False.</summary>
    False,

    /// <summary>Null.</summary>
    Null,
}
