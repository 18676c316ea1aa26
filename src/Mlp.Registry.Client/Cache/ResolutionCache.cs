using System.Text;
using System.Text.Json;
using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>The last known answer for each alias, kept on the disk.</summary>
internal sealed class ResolutionCache
{
    private const int BytesMax = 1 << 16;

    private readonly string _folder;
    private readonly string _scope;

    public ResolutionCache(string folder, string scope)
    {
        _folder = Path.Combine(folder, "resolutions");
        _scope = scope;
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Keeps an answer.</summary>
    /// <exception cref="RegistryException">The folder cannot be written.</exception>
    public async Task KeepAsync(ResolvedModel answer, CancellationToken cancellationToken)
    {
        var stored = new StoredResolution(answer.Name, answer.Alias, answer.Version, answer.Digest, answer.AnsweredAt.ToUnixTimeMilliseconds());
        var path = PathOf(answer.Name, answer.Alias);
        try
        {
            await SafeFile.ReplaceAsync(path, JsonSerializer.SerializeToUtf8Bytes(stored, WireJson.Default.StoredResolution), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RegistryException(RegistryErrors.Cache, $"{path}: the answer cannot be kept: {e.Message}", e);
        }
    }

    /// <summary>The last known answer, or null where there is none.</summary>
    /// <exception cref="RegistryException">There is one, and it is damaged.</exception>
    public ResolvedModel? Find(string name, string alias)
    {
        var path = PathOf(name, alias);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }

        try
        {
            var stored = file.Length <= BytesMax ? JsonSerializer.Deserialize(File.ReadAllBytes(path), WireJson.Default.StoredResolution) : null;
            return stored?.Name == name && stored.Alias == alias && stored.Version is not null && ContentDigest.IsWellFormed(stored.Digest)
                ? new ResolvedModel(name, alias, stored.Version, stored.Digest!, FromCache: true, DateTimeOffset.FromUnixTimeMilliseconds(stored.AnsweredAt))
                : throw Damaged(path, null);
        }
        catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException or IOException)
        {
            throw Damaged(path, e);
        }
    }

    private static RegistryException Damaged(string path, Exception? cause) =>
        new(RegistryErrors.Cache, $"{path}: is no stored answer of a registry; delete the file.", cause);

    // Names may hold what a file's name may not: the file is called after their digest.
    private string PathOf(string name, string alias) =>
        Path.Combine(_folder, ContentDigest.Hex(ContentDigest.Of(Encoding.UTF8.GetBytes($"{_scope}\n{name}\n{alias}"))) + ".json");
}
