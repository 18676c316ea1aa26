using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

public class LoadEndTests
{
    [Fact]
    public void A_load_that_is_canceled_during_the_last_warm_up_ends_and_leaves_no_broken_model()
    {
        using var cancel = new CancellationTokenSource();
        var model = new ScriptedModel(1) { OnWarmUp = cancel.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(() => new DynamicBatcher(model, new BatchingOptions { Instances = 1, PreferredBatchRows = [] }, cancellationToken: cancel.Token));
        Assert.True(model.IsDisposed);

        // A run that was over when the token said so is no reason for the next one to fail.
        using var session = model.CreateSession(1);
        using var memory = model.CreateMemory(1);
        using var again = new CancellationTokenSource();
        model.OnWarmUp = again.Cancel;
        Assert.ThrowsAny<OperationCanceledException>(() => session.Run(memory, 1, again.Token));
        session.Run(memory, 1, CancellationToken.None);
    }
}
