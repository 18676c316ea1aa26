using System.Buffers.Binary;
using FASTER.core;
using Microsoft.Win32.SafeHandles;

namespace Mlp.Features;

/// <summary>
/// Until where the journal's entries were acknowledged: a file of two places that are written in turn, so that one is whole at any moment. Written after the
/// entries are on disk and before anybody hears of it.
/// </summary>
internal sealed class JournalCommits : ILogCommitManager
{
    private const uint Mark = 0x314a4c4d;
    private const int PlaceBytes = 512;
    private const int PlaceStep = 4096;
    private const int UsedBytes = sizeof(uint) + 16 + (2 * sizeof(long)) + sizeof(uint);

    private readonly Guid _journal;
    private readonly JournalFailure _failure;
    private readonly SafeFileHandle _file;
    private readonly byte[] _place = new byte[PlaceBytes];
    private JournalPlace _from;
    private long _number;
    private long _until;

    private JournalCommits(Guid journal, JournalFailure failure, SafeFileHandle file)
    {
        _journal = journal;
        _failure = failure;
        _file = file;
        _from = new JournalPlace(journal, JournalLayout.FirstAddress, 0);
    }

    /// <summary>All before it is on disk.</summary>
    public long Until => Volatile.Read(ref _until);

    /// <summary>Begins a new journal's file.</summary>
    public static void Create(JournalLayout layout, Guid journal)
    {
        using var commits = new JournalCommits(journal, new JournalFailure(layout.Folder), File.OpenHandle(layout.CommitsName, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, FileOptions.WriteThrough));
        commits.Write(JournalLayout.FirstAddress);
        RandomAccess.FlushToDisk(commits._file);
    }

    /// <summary>Opens a journal's file.</summary>
    /// <exception cref="Mlp.Core.MlpException"><see cref="FeatureErrors.StoreDamaged"/>.</exception>
    public static JournalCommits Open(JournalLayout layout, Guid journal, JournalFailure failure)
    {
        if (!File.Exists(layout.CommitsName))
        {
            throw layout.Damaged(layout.CommitsName, 0, "it is missing, and says what was acknowledged");
        }

        var commits = new JournalCommits(journal, failure, File.OpenHandle(layout.CommitsName, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, FileOptions.WriteThrough));
        commits.ReadPlace(0);
        commits.ReadPlace(PlaceStep);
        if (commits._number == 0)
        {
            commits.Dispose();
            throw layout.Damaged(layout.CommitsName, 0, $"neither of its two places states what was acknowledged of the journal {journal}");
        }

        return commits;
    }

    /// <summary>The journal goes on from here.</summary>
    public void Continue(JournalPlace from, long until)
    {
        Write(until);
        _from = from;
    }

    /// <summary>States that all before an address is on disk.</summary>
    public void Commit(long beginAddress, long untilAddress, byte[] commitMetadata, long commitNum, bool forceWriteMetadata)
    {
        // The engine was told that a write succeeded which did not.
        if (_failure.HasCome)
        {
            return;
        }

        try
        {
            Write(untilAddress);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // From here it would go nowhere; whoever waits for the commit sees it.
            _failure.Set(e);
        }
    }

    /// <summary>What the engine goes on from, in its own words.</summary>
    public byte[] GetCommitMetadata(long commitNum) => new FasterLogRecoveryInfo { BeginAddress = _from.Address, UntilAddress = Until, CommitNum = commitNum }.ToByteArray();

    /// <summary>None of a journal without entries: the engine's own begin is right for it.</summary>
    public IEnumerable<long> ListCommits() => Until == JournalLayout.FirstAddress ? [] : [_number];

    public void RemoveCommit(long commitNum)
    {
        // There is one.
    }

    public void RemoveAllCommits()
    {
        // There is one.
    }

    public void OnRecovery(long commitNum)
    {
        // There is one.
    }

    public void Dispose() => _file.Dispose();

    private void Write(long until)
    {
        var number = _number + 1;
        var bytes = _place.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Mark);
        _journal.TryWriteBytes(bytes[sizeof(uint)..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[20..], number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[28..], until);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(UsedBytes - sizeof(uint))..], JournalBuffer.Checksum(bytes[..(UsedBytes - sizeof(uint))]));
        RandomAccess.Write(_file, bytes, number % 2 * PlaceStep);
        _number = number;
        Volatile.Write(ref _until, until);
    }

    private void ReadPlace(long at)
    {
        Span<byte> bytes = stackalloc byte[UsedBytes];
        if (RandomAccess.Read(_file, bytes, at) == UsedBytes
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Mark
            && new Guid(bytes.Slice(sizeof(uint), 16)) == _journal
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[^sizeof(uint)..]) == JournalBuffer.Checksum(bytes[..^sizeof(uint)])
            && BinaryPrimitives.ReadInt64LittleEndian(bytes[20..]) is var number && number > _number)
        {
            _number = number;
            _until = BinaryPrimitives.ReadInt64LittleEndian(bytes[28..]);
        }
    }
}
