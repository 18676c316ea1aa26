namespace Mlp.Benchmarks;

/// <summary>Something that is measured beside a peer.</summary>
internal interface IBenchmark
{
    /// <summary>The name on the command line.</summary>
    string Name { get; }

    /// <summary>What is compared, and the peer's settings, for people.</summary>
    string Settings { get; }

    /// <summary>Measures; what it has to say on the way goes to <paramref name="say"/>.</summary>
    /// <exception cref="WrongAnswerException">Ours and the peer's disagree.</exception>
    IReadOnlyList<Figure> Run(Effort effort, Action<string> say);
}

/// <summary>All benchmarks.</summary>
internal static class AllBenchmarks
{
    public static IReadOnlyList<IBenchmark> List { get; } = [new EdgeTreesSingle(), new EdgeTreesBatch(), new EdgeTreesTwo(), new EdgeSmall(), new FeaturesGet(), new FeaturesMultiget(), new FeaturesIngest(), new FeaturesMemory(), new FeaturesRocksDb(), new FeaturesSqlite(), new FeaturesRedis(), new FeaturesWindows(), new FeaturesJoin(), new InferenceThroughput(), new InferenceNaive(), new InferenceLatency(), new InferenceAlloc(), new InferenceOverload(), new InferenceHttp()];
}
