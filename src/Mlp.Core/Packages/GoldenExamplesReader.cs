using System.Text.Json;

namespace Mlp.Core;

/// <summary>Reads <c>golden.json</c> token by token.</summary>
internal ref struct GoldenExamplesReader
{
    private readonly PackageLimits _limits;
    private PackageJson _json;

    private GoldenExamplesReader(ReadOnlySpan<byte> utf8, PackageLimits limits, string path)
    {
        _limits = limits;
        _json = new PackageJson(utf8, depthMax: 8, path);
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
            throw PackageJson.NoJson(e, path);
        }
        catch (InvalidOperationException e)
        {
            throw reader._json.NoText(e);
        }
    }

    private GoldenExamples ReadAll()
    {
        double? tolerance = null;
        List<GoldenExample>? examples = null;
        _json.Next();
        _json.Expect(JsonTokenType.StartObject, "the golden examples");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "tolerance":
                    _json.Next();
                    _json.Expect(JsonTokenType.Number, property);
                    tolerance = _json.Token.GetDouble();
                    break;
                case "examples": examples = ReadExamples(); break;
                default: _json.Skip(); break;
            }
        }

        if (_json.Token.Read())
        {
            throw _json.Invalid("something after the end");
        }

        if (examples is null or { Count: 0 })
        {
            throw _json.Invalid("no 'examples'");
        }

        return tolerance is not (>= 0 and < 1)
            ? throw _json.Invalid("no 'tolerance' of at least 0 and less than 1")
            : new GoldenExamples { Tolerance = tolerance.Value, Examples = examples };
    }

    private List<GoldenExample> ReadExamples()
    {
        var examples = new List<GoldenExample>();
        _json.Next();
        _json.Expect(JsonTokenType.StartArray, "examples");
        while (true)
        {
            _json.Next();
            if (_json.Token.TokenType == JsonTokenType.EndArray)
            {
                return examples;
            }

            if (examples.Count == _limits.GoldenExamplesMax)
            {
                throw _json.Invalid($"more than {_limits.GoldenExamplesMax} examples");
            }

            examples.Add(ReadExample());
        }
    }

    private GoldenExample ReadExample()
    {
        Dictionary<string, double[]>? inputs = null, outputs = null;
        _json.Expect(JsonTokenType.StartObject, "an example");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "inputs": inputs = ReadRows(property); break;
                case "outputs": outputs = ReadRows(property); break;
                default: _json.Skip(); break;
            }
        }

        return inputs is null || outputs is null ? throw _json.Invalid("an example without 'inputs' or 'outputs'") : new GoldenExample(inputs, outputs);
    }

    private Dictionary<string, double[]> ReadRows(string what)
    {
        var rows = new Dictionary<string, double[]>(StringComparer.Ordinal);
        _json.Next();
        _json.Expect(JsonTokenType.StartObject, what);
        while (_json.NextProperty() is { } tensor)
        {
            var values = new List<double>();
            _json.Next();
            _json.Expect(JsonTokenType.StartArray, tensor);
            for (_json.Next(); _json.Token.TokenType != JsonTokenType.EndArray; _json.Next())
            {
                values.Add(Value());
            }

            if (!rows.TryAdd(tensor, [.. values]))
            {
                throw _json.Invalid($"'{tensor}' twice");
            }
        }

        return rows;
    }

    private readonly double Value() => _json.Token.TokenType switch
    {
        JsonTokenType.Null => double.NaN,
        JsonTokenType.Number when _json.Token.TryGetDouble(out var value) && double.IsFinite(value) => value,
        JsonTokenType.String when _json.Token.ValueTextEquals("Infinity"u8) => double.PositiveInfinity,
        JsonTokenType.String when _json.Token.ValueTextEquals("-Infinity"u8) => double.NegativeInfinity,
        _ => throw _json.Invalid($"{_json.Token.TokenType} for an element; expected a number, null, \"Infinity\" or \"-Infinity\""),
    };
}
