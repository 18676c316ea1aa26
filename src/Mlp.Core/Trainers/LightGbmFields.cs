using System.Text;

namespace Mlp.Core;

/// <summary>The fields of one tree in a LightGBM model's text. What a count claims is held against the text before memory is taken for it.</summary>
internal readonly ref struct LightGbmFields
{
    private const int KeyBytesMax = 32;

    private static readonly string[] Keys =
    [
        "num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value", "cat_boundaries",
        "cat_threshold", "is_linear", "leaf_const", "num_features", "leaf_features", "leaf_coeff",
    ];

    private readonly int _tree;
    private readonly LightGbmText _text;
    private readonly Range?[] _values = new Range?[Keys.Length];

    private LightGbmFields(LightGbmText text, int tree)
    {
        _text = text;
        _tree = tree;
    }

    /// <summary>Reads the lines after the current one, which begins the tree, up to the one that begins the next tree or ends them.</summary>
    public static LightGbmFields Read(ref LightGbmText text, int tree)
    {
        var fields = new LightGbmFields(text, tree);
        text.RequireNext();
        while (!text.BeginsTree && !text.EndsTrees)
        {
            var key = text.Key.Length <= KeyBytesMax ? Array.IndexOf(Keys, Encoding.UTF8.GetString(text.Key)) : -1;
            if (key >= 0)
            {
                fields._values[key] = fields._values[key] is null ? text.ValueRange : throw text.Invalid($"'{Keys[key]}' a second time in tree {tree}");
            }

            text.RequireNext();
        }

        return fields;
    }

    public bool Has(string key) => _values[Array.IndexOf(Keys, key)] is not null;

    public ReadOnlySpan<byte> Get(string key) => _values[Array.IndexOf(Keys, key)] is { } range ? _text.Slice(range) : throw Invalid($"no '{key}'");

    public int Number(string key, int min)
    {
        var text = Get(key);
        return LightGbmNumbers.TryInt32(text, out var value) && value >= min
            ? value
            : throw Invalid($"{LightGbmText.Quote(text)} for '{key}'; expected a number of at least {min}");
    }

    /// <summary>A list of integers.</summary>
    /// <param name="key">Its field.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="place">What each of them is for.</param>
    public int[] Integers(string key, long count, string place)
    {
        var numbers = new LightGbmNumbers(List(key, count, place));
        var values = new int[count];
        for (var i = 0; i < values.Length; i++)
        {
            numbers.Next(out var token);
            values[i] = LightGbmNumbers.TryInt32(token, out var value) ? value : throw Invalid(place, i, $"{LightGbmText.Quote(token)} for '{key}'; expected an integer");
        }

        return values;
    }

    /// <summary>A list of doubles; see <see cref="Integers"/>.</summary>
    public double[] Doubles(string key, long count, string place)
    {
        var numbers = new LightGbmNumbers(List(key, count, place));
        var values = new double[count];
        for (var i = 0; i < values.Length; i++)
        {
            numbers.Next(out var token);
            values[i] = LightGbmNumbers.TryDouble(token, out var value) ? value : throw Invalid(place, i, $"{LightGbmText.Quote(token)} for '{key}'; expected a number");
        }

        return values;
    }

    public MlpException Invalid(string found) => new(ErrorCodes.ModelInvalid, $"Tree {_tree} has {found}.");

    public MlpException Invalid(string place, int number, string found) => new(ErrorCodes.ModelInvalid, $"Tree {_tree}, {place} {number} has {found}.");

    private ReadOnlySpan<byte> List(string key, long count, string place)
    {
        var text = count == 0 ? default : Get(key);
        var found = LightGbmNumbers.Count(text);
        return found == count ? text : throw Invalid($"{found} numbers for '{key}'; expected {count}, one a {place}");
    }
}
