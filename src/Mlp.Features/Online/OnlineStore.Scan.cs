using Mlp.Core;

namespace Mlp.Features;

/// <content>Goes over all rows of a view.</content>
public sealed partial class OnlineStore
{
    /// <summary>
    /// Gives the row of every entity that a read at a time would find, each once, in no order. Others may write meanwhile: an entity that was there when the scan began
    /// and has not been deleted since is given, with a row at least as new as it had then; one that is new since is not. Memory is bounded, whatever the
    /// store holds: 64 rows at once, and two pages. While it is under way the log is not compacted, so it should be brought to its end, or left, soon.
    /// </summary>
    /// <param name="view">The view.</param>
    /// <param name="time">The time, UTC.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.LimitReached"/>: too many readers are open, of which a scan is one; <see cref="FeatureErrors.StoreFaulted"/>: a change failed half-way.</exception>
    public IEnumerable<ScannedRow> Scan(LatestView view, DateTime time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(view);
        return Scan(Plan(view), new FeatureService("scan", "1", view), FeatureTime.Micros(time), cancellationToken);
    }

    private IEnumerable<ScannedRow> Scan(ViewPlan plan, FeatureService service, long micros, CancellationToken cancellationToken)
    {
        using var reader = CreateReader(service);
        var (begin, end) = BeginScan();
        try
        {
            using var records = _engine.Scan(begin, end);
            var rows = new List<ScannedRow>();
            var more = true;
            while (more)
            {
                cancellationToken.ThrowIfCancellationRequested();
                more = reader.ScanOn(records, plan, micros, end, rows);
                foreach (var row in rows)
                {
                    yield return row;
                }

                rows.Clear();
            }
        }
        finally
        {
            EndScan();
        }
    }

    private (long Begin, long End) BeginScan()
    {
        lock (_writing)
        {
            _life.Require();
            _scans++;
            return (_engine.BeginAddress, _engine.TailAddress);
        }
    }

    private void EndScan()
    {
        lock (_writing)
        {
            _scans--;
        }
    }
}
