using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

public class RunOfOneTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMicroseconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromMicroseconds(40);

    [Fact]
    public void Short_runs_are_short_until_one_takes_long_and_have_to_show_it_again()
    {
        var time = new ManualTime();
        var runs = new RunOfOne(time);
        Run(runs, time, Short, 15);
        Assert.False(runs.IsShort);
        Run(runs, time, Short, 1);
        Assert.True(runs.IsShort);
        Run(runs, time, TimeSpan.FromSeconds(1), 1);
        Assert.False(runs.IsShort);
        Run(runs, time, Short, 15);
        Assert.False(runs.IsShort);
        Run(runs, time, Short, 1);
        Assert.True(runs.IsShort);
    }

    [Fact]
    public void Runs_that_become_slower_are_no_longer_short_and_one_that_was_held_up_changes_nothing()
    {
        var time = new ManualTime();
        var runs = new RunOfOne(time);
        Run(runs, time, Short, 16);
        Run(runs, time, Slow, 5);
        Run(runs, time, Short, 11);
        Assert.True(runs.IsShort);
        Run(runs, time, Slow, 16);
        Assert.False(runs.IsShort);
    }

    [Fact]
    public void Only_the_first_few_runs_are_timed_of_a_caller_who_runs_here_in_any_case()
    {
        var time = new ManualTime();
        var runs = new RunOfOne(time);
        Assert.NotEqual(0, runs.Begin(1, isJudged: false));
        Assert.Equal(0, runs.Begin(2, isJudged: true));
        Run(runs, time, Short, 16);
        Assert.Equal(0, runs.Begin(1, isJudged: false));
        Assert.NotEqual(0, runs.Begin(1, isJudged: true));
    }

    private static void Run(RunOfOne runs, ManualTime time, TimeSpan takes, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var began = runs.Begin(1, isJudged: true);
            time.Advance(takes);
            runs.End(began);
        }
    }
}
