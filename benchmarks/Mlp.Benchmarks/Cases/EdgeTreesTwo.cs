using Mlp.Kernels;

namespace Mlp.Benchmarks;

/// <summary>One call that splits a large batch over two threads, against the same call on one.</summary>
internal sealed class EdgeTreesTwo : IBenchmark
{
    private const int Rows = 100_000;

    public string Name => "edge.trees.two";

    public string Settings => "100000 rows a call: TreePlan.Sum with 2 threads against itself with 1";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say) => [.. BoostedTrees.All.Select(model => Measure(effort, model))];

    private Figure Measure(Effort effort, BoostedTrees model)
    {
        var plan = TreePlan.Make(model.Packed());
        var rows = BoostedTrees.Rows(effort.Of(Rows));
        var count = rows.Length / BoostedTrees.RowElements;
        float[] one = new float[count], two = new float[count];
        Check();
        var measured = SideBySide.Measure(effort, times => Repeat(times, two, 2), times => Repeat(times, one, 1), 1e6 / count);
        return Figure.OfCost(Name, model.Name, measured, "one thread", "us");

        void Repeat(int times, float[] sums, int threads)
        {
            for (var i = 0; i < times; i++)
            {
                Array.Clear(sums);
                plan.Sum(rows, sums, threads);
            }
        }

        void Check()
        {
            Repeat(1, one, 1);
            Repeat(1, two, 2);
            if (!one.AsSpan().SequenceEqual(two))
            {
                throw new WrongAnswerException($"{model.Name}: two threads and one give other bits.");
            }
        }
    }
}
