using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

public class DeadlineTests
{
    public static TheoryData<TimeSpan> FarAway => [TimeSpan.MaxValue, Timeout.InfiniteTimeSpan, TimeSpan.FromDays(365 * 500)];

    [Theory]
    [MemberData(nameof(FarAway))]
    public async Task A_deadline_beyond_the_clock_is_none(TimeSpan deadline)
    {
        await using var batcher = new DynamicBatcher(new ScriptedModel(1), new BatchingOptions { Instances = 1 });
        var output = new float[1];
        await batcher.PredictAsync([3], output, 0, new RequestOptions { Deadline = deadline });
        Assert.Equal([3], output);
        var outputs = new float[2];
        await batcher.PredictManyAsync(new float[] { 4, 5 }, outputs, 0, new RequestOptions { Deadline = deadline });
        Assert.Equal([4, 5], outputs);
    }

    [Fact]
    public async Task A_models_own_deadline_beyond_the_clock_is_none()
    {
        await using var batcher = new DynamicBatcher(new ScriptedModel(1), new BatchingOptions { Instances = 1, Deadline = TimeSpan.MaxValue });
        var output = new float[1];
        await batcher.PredictAsync([3], output);
        Assert.Equal([3], output);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-10_001)]
    [InlineData(long.MinValue)]
    public async Task A_negative_deadline_is_refused(long ticks)
    {
        await using var batcher = new DynamicBatcher(new ScriptedModel(1), new BatchingOptions { Instances = 1 });
        var options = new RequestOptions { Deadline = TimeSpan.FromTicks(ticks) };
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await batcher.PredictAsync([3], new float[1], 0, options));
        Assert.Contains("deadline", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await batcher.PredictManyAsync(new float[2], new float[2], 0, options));
    }
}
