namespace Mlp.Architecture.Tests;

/// <summary>Circles in a graph of names.</summary>
internal static class Circles
{
    /// <summary>The sets of nodes in which each reaches each other (Tarjan's strongly connected components), alone ones left out.</summary>
    public static List<List<string>> Of(IEnumerable<(string From, string To)> arrows)
    {
        var next = arrows.ToLookup(a => a.From, a => a.To, StringComparer.Ordinal);
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        var low = new Dictionary<string, int>(StringComparer.Ordinal);
        var stack = new Stack<string>();
        var found = new List<List<string>>();
        foreach (var node in next.Select(n => n.Key).Order(StringComparer.Ordinal))
        {
            if (!index.ContainsKey(node))
            {
                Visit(node);
            }
        }

        return found;

        void Visit(string node)
        {
            index[node] = low[node] = index.Count;
            stack.Push(node);
            foreach (var to in next[node])
            {
                if (!index.ContainsKey(to))
                {
                    Visit(to);
                    low[node] = Math.Min(low[node], low[to]);
                }
                else if (stack.Contains(to))
                {
                    low[node] = Math.Min(low[node], index[to]);
                }
            }

            if (low[node] != index[node])
            {
                return;
            }

            var circle = new List<string>();
            string last;
            do
            {
                last = stack.Pop();
                circle.Add(last);
            }
            while (last != node);
            if (circle.Count > 1)
            {
                circle.Sort(StringComparer.Ordinal);
                found.Add(circle);
            }
        }
    }
}
