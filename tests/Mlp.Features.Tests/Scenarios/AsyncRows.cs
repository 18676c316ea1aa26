namespace Mlp.Features.Tests.Scenarios;

internal static class AsyncRows
{
    public static async IAsyncEnumerable<T> Of<T>(IEnumerable<T> rows)
    {
        foreach (var row in rows)
        {
            await Task.Yield();
            yield return row;
        }
    }
}
