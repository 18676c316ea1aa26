using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mlp.Registry.Server;

/// <summary>Fields from a query. A repeated field repeats its key, as <c>key</c> or as <c>key[]</c>.</summary>
internal sealed class QueryFields(IQueryCollection query) : Fields
{
    public override string? TextOrNull(string name)
    {
        var values = query[name];
        return values.Count <= 1 ? values : throw RegistryFault.WrongValue(name, values.ToString(), "one value");
    }

    protected override string? NumberOrNull(string name) => TextOrNull(name) is { Length: > 0 } text ? text : null;

    public override IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var value in StringValues.Concat(query[name], query[name + "[]"]))
        {
            texts.Add(value ?? "");
        }

        return texts;
    }

    public override IReadOnlyList<Fields> Objects(string name) => query.ContainsKey(name) ? throw RegistryFault.WrongValue(name, query[name].ToString(), "no such parameter in a query") : [];

    public override Fields? ObjectOrNull(string name) => Objects(name).Count == 0 ? null : throw RegistryFault.Missing(name);
}
