using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class IdleEngineTests
{
    [Fact]
    public async Task The_engine_of_a_question_serves_the_next_one_until_its_time_is_over()
    {
        using var folder = new TemporaryFolder();
        var time = new SteppedTime();
        var engines = new IdleEngine(new OfflineStoreOptions { EngineKept = TimeSpan.FromSeconds(7), TimeProvider = time });
        var first = engines.Take();
        engines.Keep(first, folder.Path);
        Assert.Equal(TimeSpan.FromSeconds(7), await time.StepAsync());
        using var second = engines.Take();
        Assert.NotSame(first, second);
        Assert.ThrowsAny<Exception>(() => first.Connect(folder.Path));
        engines.Keep(second, folder.Path);
        Assert.Same(second, engines.Take());
    }

    [Fact]
    public async Task A_timer_that_fires_when_its_engine_is_in_use_ends_nothing()
    {
        using var folder = new TemporaryFolder();
        var time = new SteppedTime();
        var engines = new IdleEngine(new OfflineStoreOptions { TimeProvider = time });
        using var engine = engines.Take();
        engines.Keep(engine, folder.Path);
        Assert.Same(engine, engines.Take());
        await time.StepAsync();
        using var connection = engine.Connect(folder.Path);
    }

    [Fact]
    public void A_session_finds_nothing_of_the_one_before_it()
    {
        using var folder = new TemporaryFolder();
        var engines = new IdleEngine(new OfflineStoreOptions());
        using (var session = new DuckSession(folder.Path, engines))
        {
            session.Execute("CREATE TEMP TABLE requests AS SELECT 1 AS a");
            session.Execute("CREATE TABLE computed AS SELECT 1 AS a");
            session.Execute("SET TimeZone = 'Asia/Tokyo'");
        }

        using var next = new DuckSession(folder.Path, engines);
        Assert.Equal(0, next.Number("SELECT count(*) FROM duckdb_tables()"));
        Assert.Equal(0, next.Number("SELECT epoch_us(TIMESTAMPTZ '1970-01-01 00:00:00')"));
    }

    [Fact]
    public void Sessions_at_once_have_engines_of_their_own_and_one_of_them_is_kept()
    {
        using var folder = new TemporaryFolder();
        var engines = new IdleEngine(new OfflineStoreOptions());
        DuckEngine one = engines.Take(), other = engines.Take();
        Assert.NotSame(one, other);
        engines.Keep(one, folder.Path);
        engines.Keep(other, folder.Path);
        Assert.ThrowsAny<Exception>(() => other.Connect(folder.Path));
        Assert.Same(one, engines.Take());
        one.Dispose();
    }

    [Fact]
    public void An_engine_that_has_spilled_or_that_nobody_wants_kept_is_not_used_again()
    {
        using var folder = new TemporaryFolder();
        var engines = new IdleEngine(new OfflineStoreOptions());
        var spilled = engines.Take();
        File.WriteAllText(folder.At("duckdb_temp_storage_DEFAULT-0.tmp"), "spilled");
        engines.Keep(spilled, folder.Path);
        using var fresh = engines.Take();
        Assert.NotSame(spilled, fresh);

        var never = new IdleEngine(new OfflineStoreOptions { EngineKept = TimeSpan.Zero });
        var engine = never.Take();
        File.Delete(folder.At("duckdb_temp_storage_DEFAULT-0.tmp"));
        never.Keep(engine, folder.Path);
        using var another = never.Take();
        Assert.NotSame(engine, another);
    }
}
