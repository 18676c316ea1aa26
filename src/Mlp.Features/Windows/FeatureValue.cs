using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>A value of an event's column: an integer, a number or a text.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct FeatureValue
{
    private FeatureValue(long integer, double number, string? text, ColumnType type)
    {
        Integer = integer;
        Number = number;
        Text = text;
        Type = type;
    }

    /// <summary>Which of the three it is.</summary>
    public ColumnType Type { get; }

    /// <summary>The integer.</summary>
    public long Integer { get; }

    /// <summary>The number; of an integer, its value.</summary>
    public double Number { get; }

    /// <summary>The text; null where it is none.</summary>
    public string? Text { get; }

    /// <summary>An integer.</summary>
    public static implicit operator FeatureValue(long value) => new(value, value, null, ColumnType.Integer);

    /// <summary>A number.</summary>
    public static implicit operator FeatureValue(double value) => new(0, value, null, ColumnType.Number);

    /// <summary>A text.</summary>
    public static implicit operator FeatureValue(string value) => new(0, double.NaN, value, ColumnType.Text);
}
