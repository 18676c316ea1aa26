namespace Mlp.Inference;

/// <summary>Requests between two uses. Each thread keeps a few; what one thread gives back and another takes moves between them by the half stack.</summary>
internal static class RequestPool
{
    private const int LocalMax = 64;
    private const int SharedMax = 1 << 14;

    private static readonly Lock Gate = new();
    private static readonly PredictionRequest[] Shared = new PredictionRequest[SharedMax];
    private static int _sharedCount;

    [ThreadStatic]
    private static Local? _local;

    public static PredictionRequest Rent()
    {
        var local = _local ??= new Local();
        if (local.Count == 0)
        {
            lock (Gate)
            {
                while (_sharedCount > 0 && local.Count < LocalMax / 2)
                {
                    local.Items[local.Count++] = Shared[--_sharedCount];
                }
            }

            if (local.Count == 0)
            {
                return new PredictionRequest();
            }
        }

        return local.Items[--local.Count];
    }

    public static void Return(PredictionRequest request)
    {
        var local = _local ??= new Local();
        if (local.Count == LocalMax)
        {
            lock (Gate)
            {
                while (local.Count > LocalMax / 2)
                {
                    var moved = local.Items[--local.Count];
                    if (_sharedCount < SharedMax)
                    {
                        Shared[_sharedCount++] = moved;
                    }
                }
            }
        }

        local.Items[local.Count++] = request;
    }

    private sealed class Local
    {
        public readonly PredictionRequest[] Items = new PredictionRequest[LocalMax];
        public int Count;
    }
}
