using System.Globalization;
using System.Text.Json;

namespace Mlp.Monitoring;

/// <summary>Reads a file of this library token by token, within limits; every message names the file, the offset and what was found.</summary>
internal ref struct BoundedJson
{
    private readonly MonitoringLimits _limits;
    private readonly string _code;
    private readonly string _path;
    private Utf8JsonReader _json;

    private BoundedJson(ReadOnlySpan<byte> utf8, MonitoringLimits limits, string code, string path)
    {
        _limits = limits;
        _code = code;
        _path = path;
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 16, CommentHandling = JsonCommentHandling.Disallow });
    }

    public delegate T Body<T>(scoped ref BoundedJson json);

    public delegate void Entry(scoped ref BoundedJson json, string name);

    /// <summary>Reads one whole file: a value, and nothing after it.</summary>
    public static T ReadFile<T>(ReadOnlySpan<byte> utf8, MonitoringLimits limits, string code, string path, Body<T> body)
    {
        if (utf8.Length > limits.FileBytesMax)
        {
            throw new MonitoringException(code, $"{path}: the file has {utf8.Length} bytes, more than the {limits.FileBytesMax} allowed.");
        }

        var json = new BoundedJson(utf8, limits, code, path);
        try
        {
            json.Next();
            var value = body(ref json);
            return json._json.Read() ? throw json.Invalid("something after the end") : value;
        }
        catch (JsonException e)
        {
            throw new MonitoringException(code, $"{path}: no valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // Utf8JsonReader throws this for text that is no valid UTF-8 or UTF-16.
            throw json.Invalid($"text that cannot be decoded ({e.Message})", e);
        }
    }

    /// <summary>Reads the object that the reader stands on; the entry reads the value that follows, or skips it.</summary>
    public void Object(string what, Entry entry)
    {
        Expect(JsonTokenType.StartObject, what);
        for (var entries = 0; ; entries++)
        {
            Next();
            if (_json.TokenType == JsonTokenType.EndObject)
            {
                return;
            }

            CheckEntries(entries, what);
            entry(ref this, _json.GetString()!);
        }
    }

    /// <summary>Moves to the next value and reads it as a list.</summary>
    public List<T> List<T>(string what, Body<T> element)
    {
        Next();
        return CurrentList(what, element);
    }

    /// <summary>Reads the list that the reader stands on.</summary>
    public List<T> CurrentList<T>(string what, Body<T> element)
    {
        Expect(JsonTokenType.StartArray, what);
        var list = new List<T>();
        while (true)
        {
            Next();
            if (_json.TokenType == JsonTokenType.EndArray)
            {
                return list;
            }

            CheckEntries(list.Count, what);
            list.Add(element(ref this));
        }
    }

    public string Text(string what)
    {
        Next();
        Expect(JsonTokenType.String, what);
        return _json.GetString()!;
    }

    public long Integer(string what)
    {
        Next();
        Expect(JsonTokenType.Number, what);
        return _json.TryGetInt64(out var value) ? value : throw Invalid($"a '{what}' that is no 64-bit integer");
    }

    /// <summary>Moves to the next value: a number, or one of the three that JSON has no number for, as a string.</summary>
    public double Real(string what)
    {
        Next();
        return CurrentReal(what);
    }

    public readonly double CurrentReal(string what)
    {
        if (_json.TokenType == JsonTokenType.String)
        {
            return JsonReals.Named(_json.GetString()!) ?? throw Invalid($"a '{what}' that is no number; expected a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
        }

        Expect(JsonTokenType.Number, what);
        return _json.TryGetDouble(out var value) && double.IsFinite(value) ? value : throw Invalid($"a '{what}' beyond the range of a 64-bit floating-point number");
    }

    public double FiniteReal(string what)
    {
        var value = Real(what);
        return double.IsFinite(value) ? value : throw Invalid($"a '{what}' that is not finite");
    }

    public float FiniteSingle(string what)
    {
        Next();
        return CurrentFiniteSingle(what);
    }

    public readonly float CurrentFiniteSingle(string what)
    {
        Expect(JsonTokenType.Number, what);
        return _json.TryGetSingle(out var value) && float.IsFinite(value) ? value : throw Invalid($"a '{what}' beyond the range of a 32-bit floating-point number");
    }

    public void Format(int known)
    {
        var format = Integer("format");
        if (format != known)
        {
            throw Invalid($"format {format.ToString(CultureInfo.InvariantCulture)}; this library reads format {known}");
        }
    }

    public void Skip()
    {
        Next();
        _json.Skip();
    }

    public void Next()
    {
        if (!_json.Read())
        {
            throw Invalid("the end of the text in the middle of a value");
        }
    }

    public readonly MonitoringException Invalid(string found, Exception? cause = null) =>
        new(_code, $"{_path}: at byte {_json.TokenStartIndex}: found {found}.", cause);

    private readonly void CheckEntries(int entries, string what)
    {
        if (entries == _limits.ListEntriesMax)
        {
            throw Invalid($"more than {_limits.ListEntriesMax} entries in '{what}'");
        }
    }

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type)
        {
            throw Invalid($"{_json.TokenType} for '{what}'; expected {type}");
        }
    }
}
