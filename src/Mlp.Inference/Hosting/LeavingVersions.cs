using System.Globalization;
using System.Text;

namespace Mlp.Inference;

/// <summary>Versions that take no requests any more and hold their memory until their last run came back. Safe under its owner's lock only.</summary>
internal sealed class LeavingVersions
{
    private const int NamedMax = 8;
    private readonly List<ModelVersion> _versions = [];

    /// <summary>What they hold.</summary>
    public long Bytes => Sum(overdueOnly: false);

    /// <summary>What those hold whose time to drain is over: nobody knows until when.</summary>
    public long OverdueBytes => Sum(overdueOnly: true);

    public void Add(ModelVersion? version)
    {
        _versions.RemoveAll(static v => v.Unloaded.IsCompleted);
        if (version is not null)
        {
            _versions.Add(version);
        }
    }

    /// <summary>Completes when the first of them is gone, or its time to drain over.</summary>
    public Task NextChange()
    {
        _versions.RemoveAll(static v => v.Unloaded.IsCompleted);
        return _versions.Count == 0 ? Task.CompletedTask : Task.WhenAny(_versions.ConvertAll(static v => v.Drained.IsCompleted ? v.Unloaded : v.Drained));
    }

    /// <summary>A sentence about who holds how much; empty for nobody.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var count = 0;
        foreach (var version in _versions)
        {
            if (!version.Unloaded.IsCompleted && count++ < NamedMax)
            {
                text.Append(CultureInfo.InvariantCulture, $"{(count == 1 ? " Unloaded models whose runs have not come back hold memory: " : ", ")}'{version.Model}' {version.Version} ({version.MemoryBytes} bytes)");
            }
        }

        return count == 0 ? "" : text.Append(count > NamedMax ? string.Create(CultureInfo.InvariantCulture, $" and {count - NamedMax} more.") : ".").ToString();
    }

    private long Sum(bool overdueOnly)
    {
        long bytes = 0;
        foreach (var version in _versions)
        {
            // In this order: one that is gone has drained.
            bytes += (overdueOnly && !version.Drained.IsCompleted) || version.Unloaded.IsCompleted ? 0 : version.MemoryBytes;
        }

        return bytes;
    }
}
