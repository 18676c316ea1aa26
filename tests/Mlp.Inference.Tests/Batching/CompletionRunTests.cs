using System.Threading.Tasks.Sources;

namespace Mlp.Inference.Tests.Batching;

public class CompletionRunTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_hand_out_that_is_taken_over_before_its_first_answer_gives_each_answer_once(int before)
    {
        var owner = new Counts();
        var run = new CompletionRun(4);
        await HandOutAsync(run, owner, before, isTakenOver: false);
        await HandOutAsync(run, owner, 4, isTakenOver: true);

        // An answer that is given twice would be the answer of whoever has the request by then.
        Assert.Equal(before + 4, owner.Recycled);
    }

    private static async Task HandOutAsync(CompletionRun run, Counts owner, int count, bool isTakenOver)
    {
        var requests = new PredictionRequest[count];
        var answers = new Task[count];
        run.Begin();
        for (var i = 0; i < count; i++)
        {
            requests[i] = new PredictionRequest();
            requests[i].Begin(owner, default, TimeSpan.Zero, deadlineAt: 0, enqueuedAt: 0);
            answers[i] = new ValueTask(requests[i], requests[i].Version).AsTask();
            run.Add(requests[i]);
        }

        if (isTakenOver)
        {
            run.TakeRest();
            await Task.WhenAll(answers[1..]).WaitAsync(TimeSpan.FromSeconds(10));
        }

        run.FinishHere();
        await Task.WhenAll(answers).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.All(requests, request => Assert.Equal(ValueTaskSourceStatus.Pending, request.GetStatus(request.Version)));
    }

    private sealed class Counts : IRequestOwner
    {
        private int _recycled;

        public int Recycled => _recycled;

        public void Cancel(PredictionRequest request, CancellationToken token) => throw new InvalidOperationException();

        public void Recycle(PredictionRequest request) => Interlocked.Increment(ref _recycled);
    }
}
