using System.Buffers;
using System.IO.Pipelines;

namespace Mlp.AspNetCore;

/// <summary>Reads a whole body in the pipe's own memory, and no more of it than allowed.</summary>
internal static class RequestBody
{
    /// <summary>Waits for the whole body. The caller advances the reader when it is done with it.</summary>
    /// <exception cref="RequestFieldException"><see cref="RequestErrors.TooLarge"/>.</exception>
    public static async ValueTask<ReadOnlySequence<byte>> ReadAsync(PipeReader reader, int bytesMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.Buffer.Length > bytesMax)
            {
                reader.AdvanceTo(result.Buffer.End);
                throw new RequestFieldException(RequestErrors.TooLarge, "body", $"The body is larger than {bytesMax} bytes.");
            }

            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
