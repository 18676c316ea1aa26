namespace Mlp.Inference;

/// <summary>A request of many rows, which can be sent in parts.</summary>
internal interface IRowBlock
{
    int Rows { get; }

    /// <summary>Sends rows from <paramref name="first"/> on, at most <paramref name="rows"/>.</summary>
    PredictionRequest? SendPart(BatchScheduler scheduler, int first, int rows, int level, TimeSpan deadline, long deadlineAt, CancellationToken cancellationToken, out Refusal refusal);
}

internal readonly struct FloatBlock(ReadOnlyMemory<float> rows, Memory<float> outputs, int outputIndex, int count) : IRowBlock
{
    private readonly int _width = rows.Length / count;
    private readonly int _outputWidth = outputs.Length / count;

    public int Rows => count;

    public PredictionRequest? SendPart(BatchScheduler scheduler, int first, int rowsWanted, int level, TimeSpan deadline, long deadlineAt, CancellationToken cancellationToken, out Refusal refusal)
    {
        var target = new ResultTarget { Output = outputIndex, Floats = outputs[(first * _outputWidth)..] };
        var source = new SpanRows(rows.Span.Slice(first * _width, rowsWanted * _width), _width);
        return scheduler.SendPart(source, target, rowsWanted, level, entered: true, deadline, deadlineAt, cancellationToken, out refusal);
    }
}

internal readonly struct TensorBlock(TensorRows rows) : IRowBlock
{
    public int Rows => rows.Rows;

    public PredictionRequest? SendPart(BatchScheduler scheduler, int first, int rowsWanted, int level, TimeSpan deadline, long deadlineAt, CancellationToken cancellationToken, out Refusal refusal)
    {
        var target = new ResultTarget { All = rows, FirstRow = first };
        return scheduler.SendPart(new TensorRowsSource(rows, first), target, rowsWanted, level, entered: true, deadline, deadlineAt, cancellationToken, out refusal);
    }
}
