using Microsoft.AspNetCore.Http;
using Mlp.Core;

namespace Mlp.Registry.Server;

/// <summary>A registry that asks for no token serves this machine alone, unless it was told that everybody may ask.</summary>
/// <param name="isLocal">Whether only this machine is served.</param>
internal sealed class LocalAccess(bool isLocal)
{
    public const string OpenWithoutToken = "registry.open_without_token";

    private const string Remedy =
        "set RegistryServerOptions.Token, listen at 127.0.0.1 only, or set RegistryServerOptions.AllowAnonymous where everybody who can reach the server may read and write";

    /// <summary>Checks the addresses that a server has taken.</summary>
    /// <exception cref="MlpException"><see cref="OpenWithoutToken"/>: one of them is open to other machines, and no token is asked for.</exception>
    public void CheckListening(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            if (isLocal && !ThisMachine.IsHeardAt(address))
            {
                throw new MlpException(OpenWithoutToken, $"The registry asks for no token, and the server listens at {address}, which other machines can reach: {Remedy}.");
            }
        }
    }

    /// <summary>Refuses a request that came from elsewhere, whatever the server's addresses say.</summary>
    /// <exception cref="RegistryFault">It came over another address than the loopback's, or under a name that is not this machine's.</exception>
    public void Check(HttpContext context)
    {
        // A connection without an address comes through a file of this machine, or from this process.
        if (!isLocal || context.Connection is { LocalIpAddress: null, RemoteIpAddress: null })
        {
            return;
        }

        var connection = context.Connection;
        if (connection.LocalIpAddress is { } local && !ThisMachine.IsLoopback(local) || connection.RemoteIpAddress is { } remote && !ThisMachine.IsLoopback(remote))
        {
            throw new RegistryFault(RegistryFault.PermissionDenied, $"This registry asks for no token and so serves its own machine only. On the server, {Remedy}.");
        }

        // A proxy on this machine passes on requests from elsewhere over the loopback; most say so.
        var headers = context.Request.Headers;
        if (headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Via"))
        {
            throw new RegistryFault(RegistryFault.PermissionDenied, $"This registry asks for no token and so serves no requests that a proxy passes on. On the server, {Remedy}.");
        }

        // A page in a browser of this machine may have its own name resolved to the loopback.
        if (context.Request.Host.Host is { Length: > 0 } host && !ThisMachine.IsLoopback(host))
        {
            throw new RegistryFault(RegistryFault.PermissionDenied, $"This registry asks for no token and so answers to localhost only, not to another host's name. Ask it as localhost or 127.0.0.1; or on the server, {Remedy}.");
        }
    }
}
