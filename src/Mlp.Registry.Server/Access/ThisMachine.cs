using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mlp.Registry.Server;

/// <summary>Which addresses lead to this machine, and from no other one.</summary>
internal static class ThisMachine
{
    /// <summary>Whether an address of a connection is the loopback's.</summary>
    public static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>Whether a host, as it stands in a URL, means the loopback.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IsLoopback(address));

    /// <summary>Whether a server that listens at an address hears this machine only: the loopback, or a socket in the file system.</summary>
    public static bool IsHeardAt(string address)
    {
        var binding = BindingAddress.Parse(address);
        return binding.IsUnixPipe || binding.IsNamedPipe || IsLoopback(binding.Host);
    }
}
