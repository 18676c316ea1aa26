using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

public sealed class CallerThreadTests : IDisposable
{
    private static readonly RequestOptions Here = new() { RunsHere = true };
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly Gate _gate = new();
    private readonly ManualTime _time = new();
    private readonly ScriptedModel _scripted = new(1);

    [Fact]
    public async Task A_run_on_the_callers_thread_is_not_begun_for_who_canceled_or_is_late_already()
    {
        await using var host = NewHost();
        var model = await LoadShortAsync(host);
        _scripted.OnRun = (_, _) => { };
        using var rows = new TensorRows(model.Layout, 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.InferAsync(rows, Here, new CancellationToken(true)).AsTask());
        var late = await Assert.ThrowsAsync<MlpException>(() => model.InferAsync(rows, Here with { Deadline = TimeSpan.Zero }).AsTask());
        Assert.Equal(InferenceErrors.DeadlineExceeded, late.Code);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => model.InferAsync(rows, Here with { Priority = 3 }).AsTask());
        Assert.Empty(_scripted.Batches);

        // No instance was lost on the way.
        await model.InferAsync(rows, Here with { Deadline = TimeSpan.FromHours(1) });
        Assert.Single(_scripted.Batches);
    }

    [Theory]
    [InlineData(Ending.Cancellation)]
    [InlineData(Ending.Deadline)]
    [InlineData(Ending.Unload)]
    public async Task A_run_on_the_callers_thread_is_ended_like_that_of_a_batch(Ending ending)
    {
        await using var host = NewHost();
        var model = await LoadShortAsync(host);
        HangUntilCanceled();
        using var cancel = new CancellationTokenSource();
        var ranOn = 0;
        var calledOn = 0;
        _scripted.OnRun += (_, _) => ranOn = Environment.CurrentManagedThreadId;
        var call = Task.Run(async () =>
        {
            using var rows = new TensorRows(model.Layout, 1);
            calledOn = Environment.CurrentManagedThreadId;
            await model.InferAsync(rows, Here with { Deadline = TimeSpan.FromMilliseconds(50) }, cancel.Token);
        });
        await EndAsync(host, ending, call, cancel);
        Assert.Equal(calledOn, ranOn);
        await AnswersAgainAsync(model, ending);
    }

    [Theory]
    [InlineData(Ending.Deadline)]
    [InlineData(Ending.Unload)]
    public async Task A_synchronous_prediction_is_ended_by_the_models_deadline_and_by_an_unload(Ending ending)
    {
        await using var host = NewHost();
        var model = await LoadShortAsync(host, ending == Ending.Deadline ? TimeSpan.FromMilliseconds(50) : null);
        HangUntilCanceled();
        var call = Task.Run(() => model.Predict([1], new float[1]));
        await EndAsync(host, ending, call, cancel: null);
        await AnswersAgainAsync(model, ending);
    }

    [Fact]
    public async Task A_run_that_took_long_takes_the_callers_threads_away_from_the_next_ones()
    {
        await using var host = NewHost();
        var model = await LoadShortAsync(host);
        var batcher = model.Version.Batcher;
        using var rows = new TensorRows(model.Layout, 1);
        Assert.True(batcher.TryInferHere(rows, Here, CancellationToken.None, out var ended));
        Assert.Null(ended);
        _scripted.OnRun = (_, _) => _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(batcher.TryInferHere(rows, Here, CancellationToken.None, out ended));
        Assert.Null(ended);
        Assert.False(batcher.TryInferHere(rows, Here, CancellationToken.None, out _));
    }

    public void Dispose()
    {
        _gate.Dispose();
        _folder.Dispose();
    }

    private async Task EndAsync(ModelHost host, Ending ending, Task call, CancellationTokenSource? cancel)
    {
        _gate.AwaitArrival();
        try
        {
            switch (ending)
            {
                case Ending.Cancellation:
                    await cancel!.CancelAsync();
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Enough));
                    return;
                case Ending.Deadline:
                    _time.Advance(TimeSpan.FromMilliseconds(100));
                    Assert.Equal(InferenceErrors.DeadlineExceeded, (await Assert.ThrowsAsync<MlpException>(() => call.WaitAsync(Enough))).Code);
                    return;
                default:
                    // Less than the deadline.
                    var unloading = host.UnloadAsync("model");
                    _time.Advance(TimeSpan.FromMilliseconds(20));
                    Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => call.WaitAsync(Enough))).Code);
                    Assert.True(await unloading.WaitAsync(Enough));
                    return;
            }
        }
        finally
        {
            // A run that was not ended must not hold up the host's disposal: the test fails instead.
            _gate.Open();
        }
    }

    private async Task AnswersAgainAsync(HostedModel model, Ending ending)
    {
        if (ending == Ending.Unload)
        {
            await model.Version.Unloaded.WaitAsync(Enough);
            Assert.True(_scripted.IsDisposed);
            Assert.False(_scripted.OverlappedItsDisposal);
            return;
        }

        _scripted.OnRun = null;
        var output = new float[1];
        model.Predict([7], output);
        Assert.Equal([7], output);
    }

    // A run that lasts until the runtime is asked to end it.
    private void HangUntilCanceled()
    {
        _scripted.OnRun = (_, _) => _gate.Pass();
        _scripted.OnCancel = _gate.Open;
    }

    private ModelHost NewHost() => new(new ModelHostOptions { TimeProvider = _time });

    // On a clock that stands still every run is short.
    private async Task<HostedModel> LoadShortAsync(ModelHost host, TimeSpan? deadline = null)
    {
        var batching = new BatchingOptions { Instances = 1, Deadline = deadline, DrainTimeout = TimeSpan.FromMilliseconds(20) };
        var model = await host.LoadAsync(TestModels.Package(_folder, TestModels.Identity(1)), new HostedModelOptions { Runtime = new ScriptedRuntime(() => _scripted), Batching = batching });
        var output = new float[1];
        for (var i = 0; i < 16; i++)
        {
            model.Predict([i], output);
        }

        return model;
    }

    public enum Ending
    {
        Cancellation,
        Deadline,
        Unload,
    }
}
