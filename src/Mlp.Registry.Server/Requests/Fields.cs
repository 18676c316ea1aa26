using System.Globalization;

namespace Mlp.Registry.Server;

/// <summary>The fields of a request, whichever way they came: a query or a JSON object.</summary>
internal abstract class Fields
{
    /// <summary>A text, or null where there is none.</summary>
    public abstract string? TextOrNull(string name);

    /// <summary>A number's text, or null where there is none. Numbers may come as JSON texts.</summary>
    protected abstract string? NumberOrNull(string name);

    /// <summary>A list of texts, empty where there is none.</summary>
    public abstract IReadOnlyList<string> Texts(string name);

    /// <summary>A list of objects, empty where there is none.</summary>
    public abstract IReadOnlyList<Fields> Objects(string name);

    /// <summary>An object, or null where there is none.</summary>
    public abstract Fields? ObjectOrNull(string name);

    /// <summary>A required text; an empty one counts as missing, as it does at MLflow.</summary>
    public string Text(string name) => TextOrNull(name) is { Length: > 0 } text ? text : throw RegistryFault.Missing(name);

    /// <summary>A text of bounded length, or null.</summary>
    public string? TextOrNull(string name, int lengthMax) => TextOrNull(name) is not { } text
        ? null
        : text.Length <= lengthMax ? text : throw RegistryFault.Invalid($"'{name}' had length {text.Length}, which exceeded length limit of {lengthMax}.");

    /// <summary>An integer, or null where there is none.</summary>
    public long? Int64OrNull(string name) => NumberOrNull(name) is not { } text
        ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw RegistryFault.WrongValue(name, text, "a 64-bit integer");

    /// <summary>A required integer.</summary>
    public long Int64(string name) => Int64OrNull(name) ?? throw RegistryFault.Missing(name);

    /// <summary>A required number. Infinities become the largest finite numbers, as MLflow's SQL store has them.</summary>
    public double Double(string name)
    {
        var text = NumberOrNull(name) ?? throw RegistryFault.Missing(name);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? Math.Clamp(value, -double.MaxValue, double.MaxValue)
            : throw RegistryFault.WrongValue(name, text, "a number");
    }

    /// <summary>A required number that is finite.</summary>
    public double Finite(string name)
    {
        var text = NumberOrNull(name) ?? throw RegistryFault.Missing(name);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw RegistryFault.WrongValue(name, text, "a finite number");
    }

    /// <summary>How many results a page may have.</summary>
    public int MaxResults(int usual, int most)
    {
        var asked = Int64OrNull("max_results") ?? usual;
        return asked is > 0 && asked <= most
            ? (int)asked
            : throw RegistryFault.WrongValue("max_results", asked.ToString(CultureInfo.InvariantCulture), $"a number from 1 to {most}");
    }
}
