using System.Net;
using System.Net.Sockets;
using FlightDelay.Pipeline;

namespace FlightDelay.Serving;

/// <summary>The port of this machine that the service listens at: whether it can be had, in words for the person at the terminal.</summary>
internal static class ServicePort
{
    /// <summary>Tries the port, so that what is wrong with it is known before the work and not after it.</summary>
    /// <exception cref="DemoException">It can't be had.</exception>
    public static void Check(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
        }
        catch (SocketException e)
        {
            throw Refused(port, e);
        }
    }

    /// <summary>Starts the service; the port may have been taken since it was tried.</summary>
    /// <exception cref="DemoException">It can't be had any more.</exception>
    public static async Task StartAsync(WebApplication service, int port, CancellationToken cancellationToken)
    {
        try
        {
            await service.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw Refused(port, e);
        }
    }

    /// <summary>What is wrong with the port: that it is in use, or whatever else the system said.</summary>
    public static DemoException Refused(int port, Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            if (e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
            {
                return new DemoException($"Port {port} is in use; choose another one with --port.", cause);
            }
        }

        return new DemoException($"Port {port} can't be opened: {cause.Message.TrimEnd('.')}; choose another one with --port.", cause);
    }
}
