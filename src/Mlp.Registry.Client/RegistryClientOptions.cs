namespace Mlp.Registry.Client;

/// <summary>Which registry, where its packages are kept here, and how long to wait for it.</summary>
public sealed record RegistryClientOptions
{
    /// <summary>The registry's address.</summary>
    public required Uri Server { get; init; }

    /// <summary>The folder of downloaded packages and last known answers; several processes may share it.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>The token to show; null for none. Sent over https, or to this machine.</summary>
    public string? Token { get; init; }

    /// <summary>The name under which last known answers are kept; null for the server's address. Set it where the address changes and the registry stays.</summary>
    public string? CacheScope { get; init; }

    /// <summary>Most bytes of packages in the cache. The packages longest unused go first; those that a living client has opened stay.</summary>
    public long CacheBytesMax { get; init; } = 20L << 30;

    /// <summary>Time for one attempt of a request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for one attempt to transfer a file, and the longest to wait for another process that fills the cache.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Attempts after the first.</summary>
    public int RetriesMax { get; init; } = 3;

    /// <summary>The pause before the second attempt; it doubles from attempt to attempt, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Largest JSON answer in bytes.</summary>
    public int AnswerBytesMax { get; init; } = 64 << 20;

    /// <summary>Sends the requests, for certificates or a proxy of your own; null for the platform's. It is not disposed.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The clock of pauses, time-outs and stored times.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A value is missing or out of range, or a token would travel in the clear.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Server);
        ArgumentNullException.ThrowIfNull(Time);
        ArgumentException.ThrowIfNullOrWhiteSpace(CacheFolder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(CacheBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TransferTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(RetriesMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(AnswerBytesMax);
        if (!Server.IsAbsoluteUri || Server.Scheme is not ("http" or "https") || Server.UserInfo.Length > 0 || Server.Query.Length > 0 || Server.Fragment.Length > 0)
        {
            throw new ArgumentException("Expected an absolute http or https address without a user, a password, a query or a fragment in it.", nameof(Server));
        }

        // A line's end that came along from a file would make the header another one. The message must not have the token.
        if (Token is not null && (Token.Length == 0 || Token.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            throw new ArgumentException("The token is empty or has other characters than visible ASCII, such as a space or the end of a line; no header can carry it.", nameof(Token));
        }

        if (Token is not null && Server.Scheme != "https" && !Server.IsLoopback)
        {
            throw new ArgumentException($"The token would travel in the clear to {Server.Authority}; expected an https address.", nameof(Token));
        }
    }

    /// <summary>The options without the token, fit for a log.</summary>
    public override string ToString() => $"{nameof(RegistryClientOptions)} {{ Server = {Server}, CacheFolder = {CacheFolder}, Token = {(Token is null ? "none" : "set")} }}";
}
