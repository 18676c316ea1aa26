using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>Messages of the wire as the library's own types. A server that leaves out what it must say gives a bad answer.</summary>
internal static class Answers
{
    private const string PackageTag = "mlp.package";

    public static T Required<T>(T? value, string field)
        where T : class => value ?? throw new RegistryException(RegistryErrors.BadAnswer, $"The registry's answer lacks '{field}'.");

    public static DateTimeOffset Time(long milliseconds)
    {
        try
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new RegistryException(RegistryErrors.BadAnswer, $"The registry's answer has the time {milliseconds}, which is no time.", e);
        }
    }

    public static RegisteredVersion Version(WireVersion? wire)
    {
        wire = Required(wire, "model_version");
        string? digest = null;
        foreach (var tag in wire.Tags ?? [])
        {
            digest = tag.Key == PackageTag ? tag.Value : digest;
        }

        // The digest becomes a folder's name: anything else is no digest.
        return digest is null || ContentDigest.IsWellFormed(digest)
            ? new RegisteredVersion(Required(wire.Name, "name"), Required(wire.Version, "version"), digest, wire.RunId, Time(wire.CreationTimestamp), wire.Aliases ?? [])
            : throw new RegistryException(RegistryErrors.BadAnswer, $"The registry's answer names the package '{digest}', which is no digest.");
    }

    public static RunRecord Run(WireRun? wire)
    {
        var info = Required(Required(wire, "run").Info, "info");
        var parameters = Pairs(wire!.Data?.Params);
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var metric in wire.Data?.Metrics ?? [])
        {
            metrics[Required(metric.Key, "key")] = metric.Value;
        }

        var data = new List<DataDigest>();
        foreach (var input in wire.Inputs?.DatasetInputs ?? [])
        {
            var dataset = Required(input.Dataset, "dataset");
            data.Add(new DataDigest(Required(dataset.Name, "name"), Required(dataset.Digest, "digest")));
        }

        var status = info.Status switch
        {
            "FINISHED" => RunStatus.Finished,
            "FAILED" => RunStatus.Failed,
            "KILLED" => RunStatus.Killed,
            "RUNNING" or "SCHEDULED" => RunStatus.Running,
            _ => throw new RegistryException(RegistryErrors.BadAnswer, $"The registry's answer has the status '{info.Status}'."),
        };
        return new RunRecord(
            Required(info.RunId, "run_id"), info.RunName ?? "", status, Time(info.StartTime), info.EndTime is { } end ? Time(end) : null,
            parameters, metrics, Pairs(wire.Data?.Tags), data);
    }

    private static Dictionary<string, string> Pairs(IReadOnlyList<WirePair>? wire)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in wire ?? [])
        {
            pairs[Required(pair.Key, "key")] = pair.Value ?? "";
        }

        return pairs;
    }
}
