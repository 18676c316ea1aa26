using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>Packages by digest in a folder that several processes share.</summary>
/// <remarks>
/// A folder has its name only once all of it is on the disk and verified. One process at a time fills the cache; reading what is
/// there takes no lock. A client holds a lease on each package it has given out, and leased packages are not removed.
/// </remarks>
internal sealed class PackageCache : IDisposable
{
    private readonly string _packages;
    private readonly string _leases;
    private readonly string _incoming;
    private readonly string _lock;
    private readonly long _bytesMax;
    private readonly TimeSpan _waitMax;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, FileStream> _held = new(StringComparer.Ordinal);

    public PackageCache(string folder, long bytesMax, TimeSpan waitMax, TimeProvider time)
    {
        _packages = Path.Combine(folder, "packages");
        _leases = Path.Combine(folder, "leases");
        _incoming = Path.Combine(folder, "incoming");
        _lock = Path.Combine(folder, "install.lock");
        _bytesMax = bytesMax;
        _waitMax = waitMax;
        _time = time;
        Directory.CreateDirectory(_packages);
        Directory.CreateDirectory(_leases);
        Directory.CreateDirectory(_incoming);
    }

    /// <summary>The verified package, from the folder or else from the source.</summary>
    /// <exception cref="PackageException">The source gave something else than what was asked for.</exception>
    /// <exception cref="RegistryException">The source failed, or there is no room.</exception>
    public async Task<ModelPackage> GetAsync(string digest, IPackageSource source, CancellationToken cancellationToken)
    {
        var hex = ContentDigest.Hex(digest);
        try
        {
            return await FindOrFillAsync(digest, hex, source, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RegistryException(RegistryErrors.Cache, $"{_packages}: cannot be used as a cache: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        lock (_held)
        {
            foreach (var lease in _held.Values)
            {
                lease.Dispose();
            }

            _held.Clear();
        }
    }

    private async Task<ModelPackage> FindOrFillAsync(string digest, string hex, IPackageSource source, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(_packages, hex);
        if (TryLease(hex) && TryOpen(folder, digest, out _) is { } cached)
        {
            return cached;
        }

        using var filling = await FileLock.ExclusiveAsync(_lock, _waitMax, _time, cancellationToken).ConfigureAwait(false);
        if (!TryLease(hex))
        {
            throw new RegistryException(RegistryErrors.Cache, $"{Path.Combine(_leases, hex)}: cannot be opened.");
        }

        if (TryOpen(folder, digest, out var damage) is { } filledMeanwhile)
        {
            return filledMeanwhile;
        }

        try
        {
            await FillAsync(digest, folder, source, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (damage is not null)
        {
            throw new RegistryException(RegistryErrors.Cache, $"The cached package {digest} is damaged ({damage.Message}) and cannot be fetched again: {e.Message}", e);
        }

        return ModelPackage.Open(folder, digest);
    }

    private async Task FillAsync(string digest, string folder, IPackageSource source, CancellationToken cancellationToken)
    {
        // Only the holder of the lock writes here: what is here already was left by a process that died.
        foreach (var left in Directory.EnumerateDirectories(_incoming))
        {
            Directory.Delete(left, recursive: true);
        }

        var limits = PackageLimits.Default;
        var bytes = await source.ManifestAsync(digest, limits.ManifestBytesMax, cancellationToken).ConfigureAwait(false);
        if (ContentDigest.Of(bytes) is var found && found != digest)
        {
            throw new PackageException(ErrorCodes.PackageDamaged, PackageManifest.FileName, $"expected the manifest {digest}, the server sent {found}.");
        }

        var manifest = PackageManifestJson.Read(bytes, limits, PackageManifest.FileName);
        var total = (long)bytes.Length;
        foreach (var file in manifest.Files)
        {
            // Lengths come from outside: their sum may not overflow.
            total = file.LengthBytes > long.MaxValue - total ? long.MaxValue : total + file.LengthBytes;
        }

        MakeRoom(total, folder);
        var temporary = Path.Combine(_incoming, Path.GetFileName(folder));
        Directory.CreateDirectory(temporary);
        try
        {
            foreach (var file in manifest.Files)
            {
                var path = PackagePath.Resolve(temporary, file.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await source.SaveAsync(file, path, cancellationToken).ConfigureAwait(false);
            }

            await SafeFile.WriteAsync(Path.Combine(temporary, PackageManifest.FileName), bytes, cancellationToken).ConfigureAwait(false);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            Directory.Move(temporary, folder);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private void MakeRoom(long needed, string except)
    {
        var folders = CachedFolder.List(_packages, _leases);
        long used = 0;
        foreach (var folder in folders)
        {
            used += folder.Path == except ? 0 : folder.Bytes;
        }

        foreach (var folder in folders)
        {
            if (needed <= _bytesMax - used)
            {
                return;
            }

            if (folder.Path != except && FileLock.TryExclusive(Path.Combine(_leases, Path.GetFileName(folder.Path))) is { } unused)
            {
                using (unused)
                {
                    Directory.Delete(folder.Path, recursive: true);
                }

                used -= folder.Bytes;
            }
        }

        if (needed > _bytesMax - used)
        {
            throw new RegistryException(ErrorCodes.LimitReached, $"The package needs {needed} bytes; the cache may hold {_bytesMax} and {used} of them are in use.");
        }
    }

    private bool TryLease(string hex)
    {
        var path = Path.Combine(_leases, hex);
        lock (_held)
        {
            if (!_held.ContainsKey(hex))
            {
                if (FileLock.TryShared(path) is not { } lease)
                {
                    return false;
                }

                _held.Add(hex, lease);
            }
        }

        File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        return true;
    }

    private static ModelPackage? TryOpen(string folder, string digest, out PackageException? damage)
    {
        damage = null;
        if (!Directory.Exists(folder))
        {
            return null;
        }

        try
        {
            return ModelPackage.Open(folder, digest);
        }
        catch (PackageException e)
        {
            damage = e;
            return null;
        }
    }
}
