namespace Mlp.Core;

/// <summary>The sets of categories of one tree: words of 32 bits, one set after another. Each belongs to one node.</summary>
internal ref struct LightGbmSets
{
    private readonly int[] _boundaries = [0];
    private readonly uint[] _words = [];
    private readonly bool[] _taken = [];
    private readonly LightGbmFields _fields;

    public LightGbmSets(LightGbmFields fields)
    {
        _fields = fields;
        if (!fields.Has("num_cat") || fields.Number("num_cat", min: 0) is not (> 0 and var count))
        {
            return;
        }

        _boundaries = fields.Integers("cat_boundaries", count + 1L, "set and one more");
        _words = Words(fields);
        _taken = new bool[count];
        for (var set = 0; set < count; set++)
        {
            if (_boundaries[set] < 0 || _boundaries[set + 1] < _boundaries[set] || _boundaries[set + 1] > _words.Length)
            {
                throw fields.Invalid("set", set, $"words {_boundaries[set]} to {_boundaries[set + 1]} of {_words.Length}");
            }
        }
    }

    /// <summary>The set of a node, in words of 64.</summary>
    /// <param name="node">The node.</param>
    /// <param name="threshold">The set's number, which stands where other nodes have their threshold.</param>
    public readonly ulong[] Take(int node, double threshold)
    {
        var set = threshold >= 0 && threshold < _taken.Length ? (int)threshold : -1;
        if (set < 0 || set != threshold)
        {
            throw _fields.Invalid("node", node, $"the set {threshold} of {_taken.Length}");
        }

        // Otherwise a small text could ask for much memory.
        if (_taken[set])
        {
            throw _fields.Invalid("node", node, $"the set {set}, which another node has");
        }

        _taken[set] = true;
        var words = _words.AsSpan(_boundaries[set].._boundaries[set + 1]);
        var wide = new ulong[(words.Length + 1) / 2];
        for (var i = 0; i < words.Length; i++)
        {
            wide[i / 2] |= (ulong)words[i] << (i % 2 * 32);
        }

        return wide;
    }

    private static uint[] Words(LightGbmFields fields)
    {
        var text = fields.Get("cat_threshold");
        var numbers = new LightGbmNumbers(text);
        var words = new uint[LightGbmNumbers.Count(text)];
        for (var i = 0; i < words.Length; i++)
        {
            numbers.Next(out var token);
            words[i] = LightGbmNumbers.TryUInt32(token, out var word) ? word : throw fields.Invalid($"{LightGbmText.Quote(token)} for 'cat_threshold'; expected words of 32 bits");
        }

        return words;
    }
}
