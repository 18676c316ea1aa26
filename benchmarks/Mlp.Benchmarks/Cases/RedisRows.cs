using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Mlp.Benchmarks;

/// <summary>Rows in Redis.</summary>
internal sealed class RedisRows : RowStore
{
    private const int FillTogether = 1_000;
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _rows;

    public RedisRows(RedisServer server)
    {
        _connection = ConnectionMultiplexer.Connect(new ConfigurationOptions { EndPoints = { server.Address }, ConnectRetry = 20, ConnectTimeout = 5_000, SyncTimeout = 30_000, AbortOnConnectFail = true });
        _rows = _connection.GetDatabase();
        Name = $"Redis {_connection.GetServer(server.Address).Version}, StackExchange.Redis {PeerVersion.Of("StackExchange.Redis")}";
    }

    public override string Name { get; }

    public override void Fill(int entities)
    {
        for (var first = 0; first < entities; first += FillTogether)
        {
            var count = Math.Min(FillTogether, entities - first);
            var pairs = new KeyValuePair<RedisKey, RedisValue>[count];
            for (var i = 0; i < count; i++)
            {
                pairs[i] = new KeyValuePair<RedisKey, RedisValue>(KeyOf(first + i), RowOf(first + i));
            }

            _rows.StringSet(pairs);
        }
    }

    public override bool Read(long id, Span<float> row) => Copy(((ReadOnlyMemory<byte>)_rows.StringGet(KeyOf(id))).Span, row);

    public override bool ReadMany(ReadOnlySpan<long> ids, Span<float> rows)
    {
        var keys = new RedisKey[ids.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = KeyOf(ids[i]);
        }

        var values = _rows.StringGet(keys);
        for (var i = 0; i < values.Length; i++)
        {
            if (!Copy(((ReadOnlyMemory<byte>)values[i]).Span, rows.Slice(i * FeatureRows.Width, FeatureRows.Width)))
            {
                return false;
            }
        }

        return true;
    }

    public override void Dispose() => _connection.Dispose();
}

/// <summary>A Redis server of our own on this machine, for as long as the benchmark runs.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly Process _process;

    private RedisServer(Process process, IPEndPoint address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>What is missing; null where everything is there.</summary>
    public static string? Missing =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server")))
            ? null : "redis-server is not on the PATH (Debian: apt-get install redis-server)";

    public IPEndPoint Address { get; }

    public static RedisServer Start(string folder)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("redis-server", ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var said = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                // It says little from here on; a pipe holds that.
                return new RedisServer(process, new IPEndPoint(IPAddress.Loopback, port));
            }

            said.Add(line);
        }

        process.Kill();
        process.Dispose();
        throw new InvalidOperationException($"redis-server did not start: {string.Join(' ', said)}");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
