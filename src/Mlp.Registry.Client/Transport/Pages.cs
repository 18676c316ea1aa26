using System.Text.Json.Serialization.Metadata;

namespace Mlp.Registry.Client;

/// <summary>Lists that come in pages, up to a number of results.</summary>
internal static class Pages
{
    private const int PageMax = 1000;

    /// <summary>Pages of a query.</summary>
    public static Task<IReadOnlyList<T>> ListAsync<TPage, TWire, T>(
        string query, int max, JsonTypeInfo<TPage> json, RegistryHttp http, Func<TPage, (IReadOnlyList<TWire>?, string?)> open, Func<TWire, T> convert, CancellationToken cancellationToken) =>
        ListAsync(
            max, (size, token) => http.GetAsync(FormattableString.Invariant($"{query}&max_results={size}") + (token is null ? "" : "&page_token=" + Uri.EscapeDataString(token)), json, cancellationToken),
            open, convert);

    /// <summary>Pages that are asked for one by one, each with its size and the token of the one before.</summary>
    public static async Task<IReadOnlyList<T>> ListAsync<TPage, TWire, T>(
        int max, Func<int, string?, Task<TPage>> ask, Func<TPage, (IReadOnlyList<TWire>?, string?)> open, Func<TWire, T> convert)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        var results = new List<T>();
        string? token = null;
        do
        {
            var (rows, next) = open(await ask(Math.Min(max - results.Count, PageMax), token).ConfigureAwait(false));
            foreach (var row in rows ?? [])
            {
                if (results.Count < max)
                {
                    results.Add(convert(row));
                }
            }

            // A page without rows that promises more would go on for ever.
            token = rows is { Count: > 0 } ? next : null;
        }
        while (results.Count < max && !string.IsNullOrEmpty(token));
        return results;
    }
}
