namespace Mlp.Features;

/// <summary>
/// Makes a partial record (or struct or class) the key of an entity: its properties are the key columns, in the order in which they are
/// declared; integers, texts and GUIDs. The compiler adds <c>Entity</c>, <c>ToKey()</c> and a conversion to <see cref="EntityKey"/>.
/// </summary>
/// <param name="name">The entity's name.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class EntityAttribute(string name) : Attribute
{
    /// <summary>The entity's name.</summary>
    public string Name { get; } = name;
}
