using System.Buffers.Binary;

namespace Mlp.Features;

/// <summary>Takes what an entry says.</summary>
/// <returns>False where the journal ends before it.</returns>
internal delegate bool JournalEntryTaker(ReadOnlySpan<byte> body);

/// <summary>
/// Reads the entries of a journal in order, straight from its files. It ends where they end; what a commit has acknowledged has to be there, and
/// what comes behind it counts as far as it is whole.
/// </summary>
/// <param name="layout">Where they lie.</param>
internal sealed class JournalReader(JournalLayout layout)
{
    private readonly byte[] _page = new byte[layout.PageBytes];
    private readonly byte[] _nextHead = new byte[layout.PageBytes];
    private long _pageAt = -1;

    /// <summary>Reads.</summary>
    /// <param name="start">Where to begin.</param>
    /// <param name="committed">Until where entries were acknowledged.</param>
    /// <param name="take">Gets each entry.</param>
    /// <returns>Where the next entry is to be written.</returns>
    /// <exception cref="Mlp.Core.MlpException"><see cref="FeatureErrors.StoreDamaged"/>: an acknowledged entry is missing or not whole, with the file and where in it.</exception>
    public JournalPlace Read(JournalPlace start, long committed, JournalEntryTaker take)
    {
        var at = start.Address;
        var number = start.Number;
        while (true)
        {
            Load(at);
            var offset = (int)(at - _pageAt);
            if (TryEntry(_page, offset, number + 1, out var body, out var bytes))
            {
                if (!take(body))
                {
                    return start with { Address = at, Number = number };
                }

                at += bytes;
                number++;
                continue;
            }

            // The rest of a page stays empty where an entry did not fit into it.
            var next = _pageAt + layout.PageBytes;
            if (offset > 0 && NextBegins(next, number + 1))
            {
                at = next;
                continue;
            }

            if (at >= committed)
            {
                return start with { Address = at, Number = number };
            }

            if (offset > 0 && next == committed && !_page.AsSpan(offset).ContainsAnyExcept((byte)0))
            {
                return start with { Address = next, Number = number };
            }

            // Where nothing of the next page is there, that is what is missing.
            throw Damaged(offset > 0 && !_page.AsSpan(offset).ContainsAnyExcept((byte)0) && ReadPage(next, _nextHead) == next ? next : at, committed, number + 1);
        }
    }

    private static bool TryEntry(ReadOnlySpan<byte> page, int offset, long number, out ReadOnlySpan<byte> body, out int bytes)
    {
        body = default;
        bytes = 0;
        if (page.Length - offset < JournalLayout.LengthBytes)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(page[offset..]);
        if (length <= 0 || length > page.Length - offset - JournalLayout.LengthBytes)
        {
            return false;
        }

        bytes = JournalLayout.BytesOf(length);
        return JournalBuffer.TryOpen(page.Slice(offset + JournalLayout.LengthBytes, length), number, out body);
    }

    private bool NextBegins(long next, long number) => ReadPage(next, _nextHead) > next && TryEntry(_nextHead, 0, number, out _, out _);

    private void Load(long at)
    {
        var begin = at - (at % layout.PageBytes);
        if (begin != _pageAt)
        {
            ReadPage(begin, _page);
            _pageAt = begin;
        }
    }

    // Behind the end of a file there are zeros.
    private long ReadPage(long at, byte[] page)
    {
        Array.Clear(page);
        var path = layout.FileOf(at);
        if (!File.Exists(path))
        {
            return at;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var done = 0;
        while (done < page.Length && RandomAccess.Read(file, page.AsSpan(done), layout.OffsetOf(at) + done) is var read && read > 0)
        {
            done += read;
        }

        return at + done;
    }

    private Exception Damaged(long at, long committed, long number)
    {
        var what = !File.Exists(layout.FileOf(at)) ? "it is missing" : ReadPage(at, _nextHead) == at ? "it ends there" : "the checksum is another";
        return layout.Damaged(layout.FileOf(at), layout.OffsetOf(at), $"{what}, though the entry {number} and all until {committed - at} bytes behind were acknowledged");
    }
}
