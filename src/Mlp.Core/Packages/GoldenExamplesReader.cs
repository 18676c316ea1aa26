using System.Text.Json;

namespace Mlp.Core;

/// <summary>Reads <c>golden.json</c> token by token.</summary>
internal ref struct GoldenExamplesReader
{
    private readonly PackageLimits _limits;
    private readonly string _path;
    private Utf8JsonReader _json;

    private GoldenExamplesReader(ReadOnlySpan<byte> utf8, PackageLimits limits, string path)
    {
        _limits = limits;
        _path = path;
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 8, CommentHandling = JsonCommentHandling.Disallow });
    }

    public static GoldenExamples Read(ReadOnlySpan<byte> utf8, PackageLimits limits, string path)
    {
        if (utf8.Length > limits.GoldenBytesMax)
        {
            throw new PackageException(ErrorCodes.PackageInvalid, path, $"the golden examples have {utf8.Length} bytes, more than the {limits.GoldenBytesMax} allowed.");
        }

        var reader = new GoldenExamplesReader(utf8, limits, path);
        try
        {
            return reader.ReadAll();
        }
        catch (JsonException e)
        {
            throw new PackageException(ErrorCodes.PackageInvalid, path, $"no valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // Utf8JsonReader throws this for text that is no valid UTF-8 or UTF-16.
            throw reader.Invalid($"text that cannot be decoded ({e.Message})", e);
        }
    }

    private GoldenExamples ReadAll()
    {
        double? tolerance = null;
        List<GoldenExample>? examples = null;
        Next();
        Expect(JsonTokenType.StartObject, "the golden examples");
        while (NextProperty() is { } property)
        {
            switch (property)
            {
                case "tolerance":
                    Next();
                    Expect(JsonTokenType.Number, property);
                    tolerance = _json.GetDouble();
                    break;
                case "examples": examples = ReadExamples(); break;
                default: Skip(); break;
            }
        }

        if (_json.Read())
        {
            throw Invalid("something after the end");
        }

        if (examples is null or { Count: 0 })
        {
            throw Invalid("no 'examples'");
        }

        return tolerance is not (>= 0 and < 1)
            ? throw Invalid("no 'tolerance' of at least 0 and less than 1")
            : new GoldenExamples { Tolerance = tolerance.Value, Examples = examples };
    }

    private List<GoldenExample> ReadExamples()
    {
        var examples = new List<GoldenExample>();
        Next();
        Expect(JsonTokenType.StartArray, "examples");
        while (true)
        {
            Next();
            if (_json.TokenType == JsonTokenType.EndArray)
            {
                return examples;
            }

            if (examples.Count == _limits.GoldenExamplesMax)
            {
                throw Invalid($"more than {_limits.GoldenExamplesMax} examples");
            }

            examples.Add(ReadExample());
        }
    }

    private GoldenExample ReadExample()
    {
        Dictionary<string, double[]>? inputs = null, outputs = null;
        Expect(JsonTokenType.StartObject, "an example");
        while (NextProperty() is { } property)
        {
            switch (property)
            {
                case "inputs": inputs = ReadRows(property); break;
                case "outputs": outputs = ReadRows(property); break;
                default: Skip(); break;
            }
        }

        return inputs is null || outputs is null ? throw Invalid("an example without 'inputs' or 'outputs'") : new GoldenExample(inputs, outputs);
    }

    private Dictionary<string, double[]> ReadRows(string what)
    {
        var rows = new Dictionary<string, double[]>(StringComparer.Ordinal);
        Next();
        Expect(JsonTokenType.StartObject, what);
        while (NextProperty() is { } tensor)
        {
            var values = new List<double>();
            Next();
            Expect(JsonTokenType.StartArray, tensor);
            for (Next(); _json.TokenType != JsonTokenType.EndArray; Next())
            {
                values.Add(Value());
            }

            if (!rows.TryAdd(tensor, [.. values]))
            {
                throw Invalid($"'{tensor}' twice");
            }
        }

        return rows;
    }

    private readonly double Value() => _json.TokenType switch
    {
        JsonTokenType.Null => double.NaN,
        JsonTokenType.Number when _json.TryGetDouble(out var value) && double.IsFinite(value) => value,
        JsonTokenType.String when _json.ValueTextEquals("Infinity"u8) => double.PositiveInfinity,
        JsonTokenType.String when _json.ValueTextEquals("-Infinity"u8) => double.NegativeInfinity,
        _ => throw Invalid($"{_json.TokenType} for an element; expected a number, null, \"Infinity\" or \"-Infinity\""),
    };

    private string? NextProperty()
    {
        Next();
        return _json.TokenType == JsonTokenType.EndObject ? null : _json.GetString();
    }

    private void Skip()
    {
        Next();
        _json.Skip();
    }

    private void Next()
    {
        if (!_json.Read())
        {
            throw Invalid("the end of the text in the middle of a value");
        }
    }

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type)
        {
            throw Invalid($"{_json.TokenType} for {what}; expected {type}");
        }
    }

    private readonly PackageException Invalid(string found, Exception? cause = null) =>
        new(ErrorCodes.PackageInvalid, _path, $"at byte {_json.TokenStartIndex}: found {found}.", cause);
}
