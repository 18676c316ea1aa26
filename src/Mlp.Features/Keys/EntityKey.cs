using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Mlp.Features;

/// <summary>
/// An entity's key in 16 bytes: one or several texts or integers. What fits into 15 bytes is kept as it is; longer keys are
/// replaced by the first 120 bits of their SHA-256, which nobody can make collide. A lone GUID is its own 16 bytes. Keys of one view have
/// one type, so what another type's bytes would be does not matter.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct EntityKey : IEquatable<EntityKey>
{
    private const int InlineMax = 15;
    private const byte Hashed = 0xff;
    private const byte IntegerMark = 0x88;
    private const byte GuidMark = 0x90;
    private const int IntegerBytes = 9;
    private const int GuidBytes = 17;
    private const int TextPrefixMax = 5;

    private readonly ulong _low;
    private readonly ulong _high;

    private EntityKey(ulong low, ulong high) => (_low, _high) = (low, high);

    private EntityKey(ReadOnlySpan<byte> encoded)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (encoded.Length <= InlineMax)
        {
            bytes.Clear();
            encoded.CopyTo(bytes);
            bytes[15] = (byte)encoded.Length;
        }
        else
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(encoded, hash);
            hash[..15].CopyTo(bytes);
            bytes[15] = Hashed;
        }

        _low = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        _high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
    }

    /// <summary>Its 16 bytes: up to 15 of the values, and in the last how many, or a mark that they are of a hash.</summary>
    internal (ulong Low, ulong High) Words => (_low, _high);

    /// <summary>The key of these <see cref="Words"/>.</summary>
    internal static EntityKey FromWords(ulong low, ulong high) => new(low, high);

    /// <summary>A key of one integer.</summary>
    public static EntityKey Of(long value)
    {
        Span<byte> encoded = stackalloc byte[IntegerBytes];
        AppendInteger(encoded, value);
        return new EntityKey(encoded);
    }

    /// <summary>A key of one text.</summary>
    public static EntityKey Of(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Of([value]);
    }

    /// <summary>A key of one GUID.</summary>
    public static EntityKey Of(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes);
        return new EntityKey(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
    }

    /// <summary>A key of several values, in the order of the entity's columns: integers, texts and GUIDs.</summary>
    /// <exception cref="ArgumentException">A value is missing, or of another type.</exception>
    [OverloadResolutionPriority(-2)]
    public static EntityKey Of(params ReadOnlySpan<FeatureValue> values)
    {
        if (values is [{ IsMissing: false } one])
        {
            return one.Type.Kind switch
            {
                ColumnKind.Int64 => Of(one.Integer),
                ColumnKind.Guid => Of(one.Guid),
                _ => Of(TextOf(one)),
            };
        }

        var lengthMax = 0;
        foreach (ref readonly var value in values)
        {
            lengthMax += IntegerBytes + GuidBytes + (TextPrefixMax + ((value.Text?.Length ?? 0) * 3));
        }

        Span<byte> encoded = lengthMax <= 256 ? stackalloc byte[lengthMax] : new byte[lengthMax];
        var position = 0;
        foreach (ref readonly var value in values)
        {
            position += Append(encoded[position..], value);
        }

        return new EntityKey(encoded[..position]);
    }

    /// <summary>A key of several texts, in the order of the entity's columns.</summary>
    [OverloadResolutionPriority(-1)]
    public static EntityKey Of(params ReadOnlySpan<string> values)
    {
        var length = 0;
        foreach (var value in values)
        {
            ArgumentNullException.ThrowIfNull(value);
            length += LengthPrefix(value.Length * 3) + Encoding.UTF8.GetByteCount(value);
        }

        Span<byte> encoded = length <= 256 ? stackalloc byte[length] : new byte[length];
        var position = 0;
        foreach (var value in values)
        {
            // A length in front of each text: ("AB", "C") and ("A", "BC") are two keys.
            position += AppendText(encoded[position..], value);
        }

        return new EntityKey(encoded);
    }

    /// <summary>A hash for tables: two multiplications over all bits.</summary>
    internal ulong Hash()
    {
        var mixed = Math.BigMul(_low ^ 0x9e3779b97f4a7c15, _high ^ 0xc2b2ae3d27d4eb4f, out var low);
        return mixed ^ low ^ System.Numerics.BitOperations.RotateLeft(_low, 29);
    }

    /// <inheritdoc/>
    public bool Equals(EntityKey other) => _low == other._low && _high == other._high;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EntityKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash().GetHashCode();

    /// <summary>The values that the key was made of, for messages; of a longer key the first digits of its hash.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, _low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], _high);
        if (bytes[15] is > InlineMax and not Hashed)
        {
            return new Guid(bytes).ToString();
        }

        if (bytes[15] == Hashed)
        {
            return $"sha256:{Convert.ToHexStringLower(bytes[..8])}";
        }

        var encoded = bytes[..bytes[15]];
        // So short a key has texts with a prefix of one byte each, and integers; anything else is a GUID.
        var values = new List<string>();
        while (encoded.Length > 0)
        {
            if (encoded[0] == IntegerMark && encoded.Length >= IntegerBytes)
            {
                values.Add(BinaryPrimitives.ReadInt64LittleEndian(encoded[1..]).ToString(CultureInfo.InvariantCulture));
                encoded = encoded[IntegerBytes..];
                continue;
            }

            if (encoded[0] >= encoded.Length)
            {
                return new Guid(bytes).ToString();
            }

            values.Add(Encoding.UTF8.GetString(encoded.Slice(1, encoded[0])));
            encoded = encoded[(1 + encoded[0])..];
        }

        return string.Join(", ", values);
    }

    /// <summary>Whether two keys are one.</summary>
    public static bool operator ==(EntityKey left, EntityKey right) => left.Equals(right);

    /// <summary>Whether two keys differ.</summary>
    public static bool operator !=(EntityKey left, EntityKey right) => !left.Equals(right);

    private static int LengthPrefix(int bytesMax) => bytesMax < 0x80 ? 1 : 5;

    private static int AppendText(Span<byte> encoded, string value)
    {
        var prefix = LengthPrefix(value.Length * 3);
        var bytes = Encoding.UTF8.GetBytes(value, encoded[prefix..]);
        if (prefix == 1)
        {
            encoded[0] = (byte)bytes;
        }
        else
        {
            encoded[0] = 0x80;
            BinaryPrimitives.WriteInt32LittleEndian(encoded[1..], bytes);
        }

        return prefix + bytes;
    }

    private static int Append(Span<byte> encoded, in FeatureValue value)
    {
        switch (value.Type.Kind)
        {
            case ColumnKind.Int64 when !value.IsMissing && value.Type.IsScalar:
                AppendInteger(encoded, value.Integer);
                return IntegerBytes;
            case ColumnKind.Guid when value.Type.IsScalar:
                encoded[0] = GuidMark;
                value.Guid.TryWriteBytes(encoded[1..]);
                return GuidBytes;
            default:
                return AppendText(encoded, TextOf(value));
        }
    }

    private static string TextOf(in FeatureValue value) => value.Text
        ?? throw new ArgumentException($"{(value.IsMissing ? "No value" : value.Type.ToString())} was given for a key; expected an integer, a text or a GUID.", nameof(value));

    private static void AppendInteger(Span<byte> encoded, long value)
    {
        encoded[0] = IntegerMark;
        BinaryPrimitives.WriteInt64LittleEndian(encoded[1..], value);
    }
}
