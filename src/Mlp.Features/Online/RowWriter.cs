using System.Buffers;
using System.Buffers.Binary;
using FASTER.core;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Puts rows of latest views into the log through one session; whoever calls sees to it that nobody else uses it.</summary>
/// <param name="session">The session.</param>
/// <param name="events">What happens in it.</param>
/// <param name="options">The limits.</param>
internal sealed unsafe class RowWriter(ClientSession<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> session, StoreEvents events, OnlineStoreOptions options)
{
    private readonly RowStorage _storage = new(options.CompressedFromBytes);

    /// <summary>Puts a row.</summary>
    /// <param name="plan">The view.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="micros">When it became known.</param>
    /// <param name="created">When it was created, of a view whose source says so.</param>
    /// <param name="row">Its bytes.</param>
    /// <param name="always">Whether it takes a newer row's place as well.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowTooLarge"/>; nothing has changed.</exception>
    public void Put(ViewPlan plan, EntityKey entity, long micros, long created, ReadOnlySpan<byte> row, bool always = false)
    {
        RequireFits(plan, entity, row.Length);
        var stored = _storage.Store(plan.Latest, row, out var tag);
        fixed (byte* pointer = stored)
        {
            var put = new LatestPut { Word = LatestPlan.WordOf(micros, tag), Created = created, Stored = pointer, StoredBytes = stored.Length, RowBytes = row.Length, Always = always };
            if (Modify(plan, entity, micros, ref put))
            {
                return;
            }
        }

        Settle(plan, entity, micros, created, row);
    }

    /// <summary>Deletes an entity's row as of a time.</summary>
    public void Delete(ViewPlan plan, EntityKey entity, long micros, bool always = false)
    {
        byte nothing = 0;
        var put = new LatestPut { Word = LatestPlan.WordOf(micros, LatestPlan.Deleted), Created = long.MaxValue, Stored = &nothing, Always = always };
        Modify(plan, entity, micros, ref put);
    }

    /// <summary>Puts what is there already where its rule says so; false where both have to be looked at.</summary>
    public bool Modify(ViewPlan plan, EntityKey entity, long micros, ref LatestPut put)
    {
        fixed (LatestPut* pointer = &put)
        {
            var key = new StoreKey { Entity = entity, View = plan.Id };
            var input = new StoreInput { Plan = plan, Micros = micros, Put = pointer };
            if (session.RMW(ref key, ref input).IsPending)
            {
                session.CompletePending(wait: true);
            }

            return !put.MeetsAnother;
        }
    }

    /// <summary>
    /// Of two rows of one time the larger value of each column counts. They are looked at outside of the engine, and the row that comes of it is put
    /// in the place of the one that was looked at; should that have changed meanwhile, it is done again. Each time the row becomes larger, so this ends.
    /// </summary>
    public void Settle(ViewPlan plan, EntityKey entity, long micros, long created, ReadOnlySpan<byte> row)
    {
        var mine = new FeatureValue[plan.Latest.Schema.Columns.Length];
        var theirs = new FeatureValue[mine.Length];
        RowCodec.Decode(plan.Latest.Schema, row, mine);
        while (true)
        {
            var record = RecordOf(plan, entity);
            if (IsOf(plan.Latest, record, micros, created))
            {
                RowCodec.Decode(plan.Latest.Schema, RowStorage.RowOf(plan.Latest, record), theirs);
                for (var i = 0; i < mine.Length; i++)
                {
                    mine[i] = ValueOrder.Larger(plan.Latest.Schema.Columns[i], mine[i], theirs[i]);
                }
            }

            var merged = new ArrayBufferWriter<byte>();
            RowCodec.Encode(plan.Latest.Schema, mine, merged);
            RequireFits(plan, entity, merged.WrittenCount);
            var stored = _storage.Store(plan.Latest, merged.WrittenSpan, out var tag);
            fixed (byte* pointer = stored, expected = record)
            {
                var put = new LatestPut { Word = LatestPlan.WordOf(micros, tag), Created = created, Stored = pointer, StoredBytes = stored.Length, RowBytes = merged.WrittenCount, Expected = expected, ExpectedBytes = record.Length };
                if (Modify(plan, entity, micros, ref put))
                {
                    return;
                }
            }
        }
    }

    /// <summary>An entity's whole record as it is now; there has to be one.</summary>
    public byte[] RecordOf(ViewPlan plan, EntityKey entity)
    {
        while (true)
        {
            var key = new StoreKey { Entity = entity, View = plan.Id };
            var input = new StoreInput { Plan = plan, Into = ReadInto.Anything };
            var outcome = StoreOutcome.Missing;
            if (session.Read(ref key, ref input, ref outcome).IsPending)
            {
                session.CompletePending(wait: true);
                outcome = events.Completed;
            }

            if (outcome == StoreOutcome.Read)
            {
                return events.Copies.Of(0).ToArray();
            }

            events.Copies.Grow(0);
        }
    }

    private static bool IsOf(LatestPlan plan, ReadOnlySpan<byte> record, long micros, long created)
    {
        var word = BinaryPrimitives.ReadInt64LittleEndian(record);
        return (word & LatestPlan.Deleted) == 0 && LatestPlan.MicrosOf(word) == micros && (!plan.HasCreated || BinaryPrimitives.ReadInt64LittleEndian(record[sizeof(long)..]) == created);
    }

    private void RequireFits(ViewPlan plan, EntityKey entity, int bytes)
    {
        if (plan.Latest.Schema.HasTail && bytes > options.RowBytesMax)
        {
            throw new MlpException(FeatureErrors.RowTooLarge, $"A row of the view '{plan.View.Name}' for the {plan.View.Entity.Name} '{entity}' has {bytes} bytes, and {nameof(OnlineStoreOptions.RowBytesMax)} allows {options.RowBytesMax}.");
        }
    }
}
