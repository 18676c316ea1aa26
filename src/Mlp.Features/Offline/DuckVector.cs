using System.Runtime.CompilerServices;
using System.Text;
using DuckDB.NET.Native;

namespace Mlp.Features;

/// <summary>A column of a chunk of a result, where the engine has it; good until the next chunk is read.</summary>
internal readonly unsafe ref struct DuckVector
{
    private const int WordBits = 64;
    private const int InlinedTextMax = 12;

    private readonly IntPtr _vector;
    private readonly void* _data;
    private readonly ulong* _validity;

    public DuckVector(IntPtr vector)
    {
        _vector = vector;
        _data = NativeMethods.Vectors.DuckDBVectorGetData(vector);
        _validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
    }

    /// <summary>Whether any value may be missing.</summary>
    public bool MayMiss => _validity != null;

    /// <summary>The elements of its vectors of a fixed length, one behind another.</summary>
    public DuckVector ArrayElements => new(NativeMethods.Vectors.DuckDBArrayVectorGetChild(_vector));

    /// <summary>The elements of its lists.</summary>
    public DuckVector ListElements => new(NativeMethods.Vectors.DuckDBListVectorGetChild(_vector));

    public bool IsMissing(int row) => _validity != null && (_validity[row / WordBits] & (1UL << (row % WordBits))) == 0;

    public ReadOnlySpan<T> Values<T>(int first, int count)
        where T : unmanaged => new((T*)_data + first, count);

    /// <summary>Where a row's list lies among the elements.</summary>
    public (int First, int Count) List(int row)
    {
        var entry = (ulong*)_data + (2 * row);
        return (checked((int)entry[0]), checked((int)entry[1]));
    }

    public string Text(int row)
    {
        var text = (byte*)_data + (16 * row);
        var length = Unsafe.ReadUnaligned<int>(text);
        return Encoding.UTF8.GetString(length <= InlinedTextMax ? text + sizeof(int) : Unsafe.ReadUnaligned<IntPtr>(text + 8) is var at ? (byte*)at : null, length);
    }
}
