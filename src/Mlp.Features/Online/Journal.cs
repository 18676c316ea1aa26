using FASTER.core;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// What has changed the store since its last checkpoint, in the order in which it did, on a log of its own (FASTER's). An entry is in memory when it is appended and on
/// disk when a commit has ended that began behind it.
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly Guid _id;
    private readonly JournalFailure _failure;
    private readonly JournalCommits _commits;
    private readonly LogDevice _device;
    private readonly FasterLog _log;
    private readonly GroupCommit _group;
    private readonly long _bytesMax;
    private readonly Action _longEnough;
    private readonly Lock _appending = new();
    private long _number;
    private long _begin;
    private bool _asked;

    private Journal(JournalLayout layout, JournalPlace begin, JournalPlace end, JournalFailure failure, JournalCommits commits, OnlineStoreOptions options, Action longEnough)
    {
        Layout = layout;
        _id = end.Journal;
        _failure = failure;
        _commits = commits;
        _bytesMax = options.JournalBytesMax;
        _longEnough = longEnough;
        _number = end.Number;
        _begin = begin.Address;
        var files = Devices.CreateLogDevice(layout.LogName, recoverDevice: true);
        _device = new LogDevice(options.JournalDevice?.Invoke(files) ?? files, error => failure.Set(new IOException(LogDevice.ReasonOf(error))));
        try
        {
            _log = Open(new FasterLogSettings
            {
                LogDevice = _device,
                LogCommitManager = commits,
                PageSize = layout.PageBytes,
                MemorySize = layout.PageBytes * JournalLayout.MemoryPages,
                SegmentSize = layout.FileBytes,

                // It would begin anew where that fails.
                TryRecoverLatest = false,
            });
            if (_log.TailAddress != end.Address)
            {
                _log.Recover();
            }

            if (_log.TailAddress != end.Address)
            {
                throw new InvalidOperationException($"The journal goes on at {_log.TailAddress}, not {end.Address}.");
            }
        }
        catch
        {
            _log?.Dispose();
            _device.Dispose();
            throw;
        }

        _group = new GroupCommit(WriteAsync);
    }

    public JournalLayout Layout { get; }

    /// <summary>Where the next entry begins, if it fits there.</summary>
    public long End => _log.TailAddress;

    /// <summary>Bytes since the last checkpoint.</summary>
    public long Bytes => End - Volatile.Read(ref _begin);

    /// <summary>Whether it could not be written.</summary>
    public bool HasFailed => _failure.HasCome;

    /// <summary>Where it stands, for who knows that nothing is appended meanwhile.</summary>
    public JournalPlace Place
    {
        get
        {
            lock (_appending)
            {
                return new JournalPlace(_id, End, _number);
            }
        }
    }

    /// <summary>Begins a journal behind a checkpoint, or behind the empty store.</summary>
    public static JournalPlace Create(JournalLayout layout, string schema, Guid? after)
    {
        // Of one that was begun there is no header, and nothing was written to it.
        if (Directory.Exists(layout.Folder))
        {
            Directory.Delete(layout.Folder, recursive: true);
        }

        Directory.CreateDirectory(layout.Folder);
        var id = Guid.NewGuid();
        JournalCommits.Create(layout, id);
        new JournalHeader(id, schema, layout.PageBytes, after).Write(layout);
        return new JournalPlace(id, JournalLayout.FirstAddress, 0);
    }

    /// <summary>Reads a journal, and leaves it as it is.</summary>
    public static void Read(JournalLayout layout, JournalPlace from, JournalEntryTaker take)
    {
        using var commits = JournalCommits.Open(layout, from.Journal, new JournalFailure(layout.Folder));
        new JournalReader(layout).Read(from, commits.Until, take);
    }

    /// <summary>Reads a journal, and goes on at its end.</summary>
    /// <param name="layout">Where it lies.</param>
    /// <param name="from">Where the checkpoint's state ends.</param>
    /// <param name="options">The limits.</param>
    /// <param name="take">Gets each entry.</param>
    /// <param name="longEnough">Called when it is past half of what it may have.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreDamaged"/>.</exception>
    public static Journal Open(JournalLayout layout, JournalPlace from, OnlineStoreOptions options, JournalEntryTaker take, Action longEnough)
    {
        var failure = new JournalFailure(layout.Folder);
        var commits = JournalCommits.Open(layout, from.Journal, failure);
        try
        {
            var end = new JournalReader(layout).Read(from, commits.Until, take);
            commits.Continue(from, end.Address);
            layout.CutAt(end.Address);
            return new Journal(layout, from, end, failure, commits, options, longEnough);
        }
        catch
        {
            commits.Dispose();
            throw;
        }
    }

    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreUnavailable"/>: it cannot be written; <see cref="ErrorCodes.LimitReached"/>: it is full.</exception>
    public void RequireRoom()
    {
        _failure.Require();
        if (Bytes is var bytes && bytes >= _bytesMax)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"The journal in {Layout.Folder} has {bytes} bytes since the last checkpoint, and {nameof(OnlineStoreOptions.JournalBytesMax)} allows {_bytesMax}: wait for the checkpoint under way or make one (CheckpointAsync), or raise the limit.");
        }
    }

    /// <summary>Appends an entry. Should the journal have failed meanwhile it goes nowhere, which the next commit says.</summary>
    public void Append(JournalBuffer entry)
    {
        var checksum = entry.Checksum();
        lock (_appending)
        {
            var bytes = entry.Seal(checksum, _number + 1);
            while (!_log.TryEnqueue(bytes, out _))
            {
                // A page has to come to disk first.
                Thread.Yield();
            }

            _number++;
            if (!_asked && Bytes > _bytesMax / 2)
            {
                _asked = true;
                _longEnough();
            }
        }
    }

    /// <summary>Completes when all entries before an address are on disk.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreUnavailable"/>: they cannot be.</exception>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public Task CommitAsync(long until)
    {
        _failure.Require();
        return _commits.Until >= until ? Task.CompletedTask : _group.Join();
    }

    /// <summary>A checkpoint holds all entries before a place: their files go.</summary>
    public void Forget(JournalPlace before)
    {
        lock (_appending)
        {
            Volatile.Write(ref _begin, before.Address);
            _asked = false;
        }

        _device.Remove(before.Address);
    }

    /// <summary>Closes it after a last commit; those that were under way end before it.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreUnavailable"/>: that failed. It is closed all the same.</exception>
    public void Dispose()
    {
        var hadFailed = HasFailed;
        try
        {
            _group.Join(asLast: true).GetAwaiter().GetResult();
        }
        catch (MlpException) when (hadFailed)
        {
            // Whoever wrote or committed since has heard of it.
        }
        finally
        {
            _log.Dispose();
            _device.Dispose();
            _commits.Dispose();
        }
    }

    // Its constructor takes a logger, a library that is not for this one to know.
    private static FasterLog Open(FasterLogSettings settings) => FasterLog.CreateAsync(settings).AsTask().GetAwaiter().GetResult();

    private async Task WriteAsync()
    {
        var until = End;
        await _log.CommitAsync().ConfigureAwait(false);
        _failure.Require();
        if (_commits.Until < until)
        {
            throw new InvalidOperationException($"The journal was written until {_commits.Until}, not {until}.");
        }
    }
}
