using System.Text;

namespace Mlp.Core;

/// <summary>What a model's value is made of, where it is more than a tensor: sequences, maps and optional values, one inside another.</summary>
/// <remarks>The text form is <c>tensor(float32)</c>, <c>sequence(map(int64, tensor(float32)))</c>, <c>optional(tensor(string))</c>.</remarks>
public sealed class ValueForm : IEquatable<ValueForm>
{
    /// <summary>Deepest nesting that is read.</summary>
    public const int DepthMax = 8;

    private ValueForm(ValueKind kind, ElementType type, ValueForm? inner)
    {
        Kind = kind;
        Type = type;
        Inner = inner;
    }

    /// <summary>What it is.</summary>
    public ValueKind Kind { get; }

    /// <summary>A tensor's elements or a map's keys; else undefined.</summary>
    public ElementType Type { get; }

    /// <summary>What a sequence, a map or an optional value holds; null for a tensor.</summary>
    public ValueForm? Inner { get; }

    /// <summary>A tensor of any shape.</summary>
    public static ValueForm Tensor(ElementType type) => new(ValueKind.Tensor, type, null);

    /// <summary>A list of values of one form.</summary>
    public static ValueForm Sequence(ValueForm inner) => new(ValueKind.Sequence, ElementType.Undefined, Checked(inner));

    /// <summary>Values by key.</summary>
    /// <param name="key">An integer type, or string.</param>
    /// <param name="inner">Form of the values.</param>
    public static ValueForm Map(ElementType key, ValueForm inner) => new(ValueKind.Map, key, Checked(inner));

    /// <summary>A value or none.</summary>
    public static ValueForm Optional(ValueForm inner) => new(ValueKind.Optional, ElementType.Undefined, Checked(inner));

    /// <summary>Reads the text form.</summary>
    /// <returns>False, and null, for a text that is none.</returns>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ValueForm? form)
    {
        var rest = text.AsSpan();
        form = text is null ? null : Parse(ref rest, 0);
        form = rest.IsEmpty ? form : null;
        return form is not null;
    }

    /// <inheritdoc/>
    public bool Equals(ValueForm? other) => other is not null && Kind == other.Kind && Type == other.Type && Equals(Inner, other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValueForm);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Type, Inner);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    private void Write(StringBuilder text)
    {
        switch (Kind)
        {
            case ValueKind.Tensor:
                text.Append("tensor(").Append(Type.Name());
                break;
            case ValueKind.Map:
                text.Append("map(").Append(Type.Name()).Append(", ");
                Inner!.Write(text);
                break;
            default:
                text.Append(Kind == ValueKind.Sequence ? "sequence(" : "optional(");
                Inner!.Write(text);
                break;
        }

        text.Append(')');
    }

    private static ValueForm? Parse(ref ReadOnlySpan<char> text, int depth)
    {
        ValueForm? form = null;
        if (depth > DepthMax)
        {
            return null;
        }

        if (Take(ref text, "tensor("))
        {
            form = TakeType(ref text, ")") is { } type ? Tensor(type) : null;
        }
        else if (Take(ref text, "sequence("))
        {
            form = Parse(ref text, depth + 1) is { } inner ? Sequence(inner) : null;
        }
        else if (Take(ref text, "optional("))
        {
            form = Parse(ref text, depth + 1) is { } inner ? Optional(inner) : null;
        }
        else if (Take(ref text, "map("))
        {
            form = TakeType(ref text, ", ") is { } key && Take(ref text, ", ") && Parse(ref text, depth + 1) is { } inner ? Map(key, inner) : null;
        }

        return form is not null && Take(ref text, ")") ? form : null;
    }

    private static bool Take(ref ReadOnlySpan<char> text, string prefix)
    {
        var found = text.StartsWith(prefix, StringComparison.Ordinal);
        text = found ? text[prefix.Length..] : text;
        return found;
    }

    private static ElementType? TakeType(ref ReadOnlySpan<char> text, string before)
    {
        var end = text.IndexOf(before, StringComparison.Ordinal);
        if (end < 0 || !ElementTypes.TryParse(text[..end].ToString(), out var type))
        {
            return null;
        }

        text = text[end..];
        return type;
    }

    private static ValueForm Checked(ValueForm inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return inner;
    }
}

/// <summary>What a value of a model is.</summary>
public enum ValueKind
{
    /// <summary>A tensor.</summary>
    Tensor,

    /// <summary>A list of values.</summary>
    Sequence,

    /// <summary>Values by key.</summary>
    Map,

    /// <summary>A value or none.</summary>
    Optional,
}
