namespace Mlp.Registry.Server;

/// <summary>Where a registry keeps its data, where it listens, and who may ask.</summary>
public sealed record RegistryServerOptions
{
    /// <summary>The folder of the database and the files; created where it does not exist.</summary>
    public required string Folder { get; init; }

    /// <summary>The address that <see cref="RegistryServer"/> listens at; port 0 takes a free one. A host that maps the routes itself ignores it.</summary>
    public string Url { get; init; } = "http://127.0.0.1:0";

    /// <summary>The token that callers send as <c>Authorization: Bearer</c>; null to ask for none: then only this machine is served.</summary>
    public string? Token { get; init; }

    /// <summary>Whether everybody who can reach the server may read and write without a token. For a closed network, or a host that checks callers before the routes.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>What requests may ask for.</summary>
    public RegistryLimits Limits { get; init; } = new();

    /// <summary>The clock of all times that are stored.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A value is missing or out of range, the address is open to other machines and no token is asked for, or there is a token and <see cref="AllowAnonymous"/>.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder);
        ArgumentNullException.ThrowIfNull(Time);
        ArgumentNullException.ThrowIfNull(Limits);
        Limits.Validate();
        if (Token is not null && (Token.Length == 0 || Token.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            throw new ArgumentException("The token is empty or has other characters than visible ASCII, such as a space or the end of a line; no caller could send it. Expected a text, or null for none.", nameof(Token));
        }

        if (Token is not null && AllowAnonymous)
        {
            throw new ArgumentException($"There is a {nameof(Token)}, and {nameof(AllowAnonymous)} says that none is needed; expected one of them.", nameof(AllowAnonymous));
        }

        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme != "http")
        {
            throw new ArgumentException($"'{Url}' is no address to listen at; expected http://, a host and a port. For TLS, map the registry's routes into a host that has it.", nameof(Url));
        }

        if (!ThisMachine.IsLoopback(uri.Host) && Token is null && !AllowAnonymous)
        {
            throw new ArgumentException($"'{Url}' can be reached from other machines; set {nameof(Token)}, listen at 127.0.0.1, or set {nameof(AllowAnonymous)} where everybody may read and write.", nameof(Url));
        }
    }

    /// <summary>The options without the token, fit for a log.</summary>
    public override string ToString() => $"{nameof(RegistryServerOptions)} {{ Folder = {Folder}, Url = {Url}, Token = {(Token is null ? "none" : "set")}, AllowAnonymous = {AllowAnonymous} }}";
}
