using System.Buffers;

namespace Mlp.Core;

/// <summary>Gathers the fields of a message that this library has no property for, so that a writer can put them back as they were.</summary>
internal struct UnreadFields
{
    private ArrayBufferWriter<byte>? _fields;

    /// <summary>Skips the field and keeps its bytes.</summary>
    public void Skip(ref ProtoReader reader)
    {
        reader.Skip();
        Keep(reader);
    }

    /// <summary>Keeps the bytes of the field that was read last.</summary>
    public void Keep(in ProtoReader reader) => (_fields ??= new ArrayBufferWriter<byte>()).Write(reader.Whole);

    public readonly ReadOnlyMemory<byte> ToMemory() => _fields is null ? default : _fields.WrittenSpan.ToArray();

    /// <summary>All fields of a message but one.</summary>
    /// <param name="reader">The message, from its beginning.</param>
    /// <param name="field">The field that is left out.</param>
    public static ReadOnlyMemory<byte> Without(ProtoReader reader, int field)
    {
        // One copy: these may be the weights of a large model.
        var bytes = new byte[reader.Left];
        var used = 0;
        while (reader.Next())
        {
            reader.Skip();
            if (reader.Field != field)
            {
                reader.Whole.CopyTo(bytes.AsSpan(used));
                used += reader.Whole.Length;
            }
        }

        return bytes.AsMemory(0, used);
    }
}
