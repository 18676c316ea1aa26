using System.Buffers;
using System.Text.Json;

namespace Mlp.AspNetCore;

/// <summary>A tensor's numbers as they come in JSON, nested or flat, and the shape that their nesting shows.</summary>
internal sealed class TensorData(int elementsMax) : IDisposable
{
    private const int RankMax = 8;

    // Length of the arrays at each depth, once the first one ended; all of a depth have to agree.
    private readonly int[] _lengths = new int[RankMax];
    private float[] _numbers = [];
    private int _rank;

    public int Count { get; private set; }

    public ReadOnlySpan<float> Numbers => _numbers.AsSpan(0, Count);

    /// <summary>Reads the array that the reader stands on.</summary>
    public void Read(ref Utf8JsonReader json, string field)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw new RequestFieldException(field, $"The data of '{field}' is no array.");
        }

        Array.Fill(_lengths, -1);
        ReadArray(ref json, field, 0);
    }

    /// <summary>Whether the numbers may have this shape: flat ones by their count, nested ones by every dimension.</summary>
    public bool Fits(ReadOnlySpan<long> shape)
    {
        long product = 1;
        foreach (var length in shape)
        {
            if (length < 0 || (length > 0 && product > Count / length))
            {
                return false;
            }

            product *= length;
        }

        if (product != Count || _rank <= 1)
        {
            return product == Count;
        }

        if (_rank != shape.Length)
        {
            return false;
        }

        for (var i = 0; i < _rank; i++)
        {
            if (_lengths[i] != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        if (_numbers.Length > 0)
        {
            ArrayPool<float>.Shared.Return(_numbers);
            _numbers = [];
        }
    }

    private void ReadArray(ref Utf8JsonReader json, string field, int depth)
    {
        if (depth == RankMax)
        {
            throw new RequestFieldException(field, $"The data of '{field}' is nested deeper than {RankMax} arrays.");
        }

        var length = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            length++;
            if (json.TokenType == JsonTokenType.StartArray)
            {
                ReadArray(ref json, field, depth + 1);
                continue;
            }

            if (_rank == 0)
            {
                _rank = depth + 1;
            }

            if (_rank != depth + 1)
            {
                throw new RequestFieldException(field, $"The data of '{field}' mixes numbers and arrays at one depth.");
            }

            Add(ReadNumber(ref json, field), field);
        }

        if (_lengths[depth] >= 0 && _lengths[depth] != length)
        {
            throw new RequestFieldException(field, $"The data of '{field}' is ragged: arrays of {_lengths[depth]} and of {length} at one depth.");
        }

        _lengths[depth] = length;
    }

    private float ReadNumber(ref Utf8JsonReader json, string field)
    {
        // JSON has no NaN; null is how a missing value is written.
        if (json.TokenType == JsonTokenType.Null)
        {
            return float.NaN;
        }

        if (json.TokenType != JsonTokenType.Number || !JsonFloat.TryRead(ref json, out var number) || !float.IsFinite(number))
        {
            throw new RequestFieldException(field, $"Element {Count} of '{field}' is no number of 32 bits, and not null for a missing value.");
        }

        return number;
    }

    private void Add(float number, string field)
    {
        if (Count == _numbers.Length)
        {
            Grow(field);
        }

        _numbers[Count++] = number;
    }

    private void Grow(string field)
    {
        if (Count >= elementsMax)
        {
            throw new RequestFieldException(RequestErrors.TooLarge, field, $"'{field}' has more than {elementsMax} elements.");
        }

        var larger = ArrayPool<float>.Shared.Rent(Math.Max(256, Count * 2));
        Numbers.CopyTo(larger);
        Dispose();
        _numbers = larger;
    }
}
