using System.Reflection;
using Microsoft.ML.OnnxRuntime;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>
/// What a process decides once is tested in a process for each case: the explicit tests are those, and run alone.
/// </summary>
public class SharedThreadsTests
{
    private const int Models = 6;
    private const string Name = "loads-models";

    [Theory]
    [InlineData(nameof(Models_share_one_pool_of_the_size_that_the_host_says))]
    [InlineData(nameof(A_model_of_one_thread_that_comes_first_leaves_the_pool_to_the_others))]
    [InlineData(nameof(Without_a_pool_each_model_has_threads_of_its_own))]
    [InlineData(nameof(Where_the_program_used_the_runtime_before_each_model_has_threads_of_its_own_and_says_so))]
    public async Task In_a_process_of_its_own(string test)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts the process's threads in /proc.");
        var run = await Command.RunAsync("dotnet", AppContext.BaseDirectory, [Assembly.GetExecutingAssembly().Location, "-explicit", "only", "-method", $"*.{nameof(SharedThreadsTests)}.{test}"]);
        Assert.True(run.ExitCode == 0 && run.Output.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", StringComparison.Ordinal), run.Output);
    }

    [Fact(Explicit = true)]
    public async Task Models_share_one_pool_of_the_size_that_the_host_says()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost(new ModelHostOptions { SharedThreads = 3 });
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(2, 1)), new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { IntraOpThreads = 2 }) });
        Assert.Contains("shares the process's pool of 3 threads", model.Version.RuntimeReason, StringComparison.Ordinal);
        Assert.Equal(0, ThreadsOf(0).More);
    }

    [Fact(Explicit = true)]
    public void A_model_of_one_thread_that_comes_first_leaves_the_pool_to_the_others()
    {
        // The caller's thread is one of the pool's three; the runtime may have others of its own.
        var (before, more, reason) = ThreadsOf(3);
        Assert.True(before >= 2, $"{before} threads");
        Assert.Equal(0, more);
        Assert.Contains("pool of 3 threads", reason, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void Without_a_pool_each_model_has_threads_of_its_own()
    {
        var (_, more, reason) = ThreadsOf(1);
        Assert.Equal(Models, more);
        Assert.Contains("2 threads of its own: the process's pool was left out", reason, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void Where_the_program_used_the_runtime_before_each_model_has_threads_of_its_own_and_says_so()
    {
        OrtEnv.Instance();
        var (_, more, reason) = ThreadsOf(3);
        Assert.Equal(Models, more);
        Assert.Contains("2 threads of its own: the program used ONNX Runtime before", reason, StringComparison.Ordinal);
    }

    /// <summary>How many threads there are with a model of one thread, how many more some models of two bring with them, all of them answering, and why.</summary>
    private static (int Before, int More, string Reason) ThreadsOf(int shared)
    {
        // A thread inherits the name of the one that makes it: that tells them from all others of the process.
        (int, int, string) found = default;
        Exception? failure = null;
        var loading = new Thread(() =>
        {
            try
            {
                using var one = Prepare(new OnnxRuntimeOptions(), shared, 1);
                Assert.Equal("ONNX Runtime was asked for.", one.Reason);
                var before = ThreadsNamed(Name) - 1;
                var models = new List<IPreparedModel>();
                for (var i = 0; i < Models; i++)
                {
                    models.Add(Prepare(new OnnxRuntimeOptions { IntraOpThreads = 2 }, shared, i));
                }

                found = (before, ThreadsNamed(Name) - 1 - before, models[^1].Reason);
                models.ForEach(model => model.Dispose());
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { Name = Name };
        loading.Start();
        loading.Join();
        return failure is null ? found : throw new InvalidOperationException("The models did not load.", failure);
    }

    private static IPreparedModel Prepare(OnnxRuntimeOptions options, int shared, float constant)
    {
        var model = RuntimeChoice.OnnxRuntimeWith(options).Prepare(TestModels.File(TestModels.Adds(2, constant)), new PrepareOptions { SharedThreads = shared });
        using var memory = model.CreateMemory(1);
        using var session = model.CreateSession(1);
        memory.InputRows(0, 0, 1).Fill(5);
        session.Run(memory, 1);
        Assert.Equal(5 + constant, BitConverter.ToSingle(memory.OutputRows(0, 0, 1)));
        return model;
    }

    private static int ThreadsNamed(string name)
    {
        var count = 0;
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                count += File.ReadAllText($"{thread}/comm").Trim() == name ? 1 : 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another one, which ended in between.
            }
        }

        return count;
    }
}
