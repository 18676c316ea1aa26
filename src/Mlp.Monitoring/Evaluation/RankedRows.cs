namespace Mlp.Monitoring;

/// <summary>Rows in ascending order of probability, and what follows from that order: AUC, ROC curve, calibration.</summary>
internal readonly struct RankedRows
{
    private readonly float[] _probabilities;
    private readonly bool[] _labels;

    public RankedRows(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels)
    {
        _probabilities = probabilities.ToArray();
        _labels = labels.ToArray();
        Array.Sort(_probabilities, _labels);
        foreach (var label in _labels)
        {
            Positives += label ? 1 : 0;
        }
    }

    public int Positives { get; }

    private int Rows => _labels.Length;

    private int Negatives => Rows - Positives;

    /// <summary>
    /// The Mann-Whitney statistic: the share of pairs of a positive and a negative row in which the positive has the greater
    /// probability, ties counted as half. Exact in integers up to the one division; NaN where one of the classes is absent.
    /// </summary>
    public double Auc()
    {
        // Twice the number of pairs is at most 2^61 for 2^31 rows.
        long pairsTwice = 0;
        long negativesBelow = 0;
        for (var start = 0; start < Rows;)
        {
            var end = TieEnd(start, out var positives);
            var negatives = end - start - positives;
            pairsTwice += positives * ((2 * negativesBelow) + negatives);
            negativesBelow += negatives;
            start = end;
        }

        return Positives == 0 || Negatives == 0 ? double.NaN : pairsTwice / (2.0 * Positives * Negatives);
    }

    /// <summary>The curve from (0, 0) to (1, 1); a point is kept once the curve has gone 2 / (points - 2) of its way of length 2. Empty where one of the classes is absent.</summary>
    public RocPoint[] Roc(int pointsMax)
    {
        if (Positives == 0 || Negatives == 0)
        {
            return [];
        }

        var points = new List<RocPoint>(Math.Min(pointsMax, Rows + 1)) { new(0, 0, double.PositiveInfinity) };
        var step = 2.0 / (pointsMax - 2);
        double kept = 0;
        int truePositives = 0, falsePositives = 0;
        for (var last = Rows - 1; last >= 0;)
        {
            var threshold = _probabilities[last];
            for (; last >= 0 && _probabilities[last] == threshold; last--)
            {
                truePositives += _labels[last] ? 1 : 0;
                falsePositives += _labels[last] ? 0 : 1;
            }

            var point = new RocPoint((double)falsePositives / Negatives, (double)truePositives / Positives, threshold);
            var way = point.FalsePositiveRate + point.TruePositiveRate;
            if (last < 0 || way - kept >= step)
            {
                points.Add(point);
                kept = way;
            }
        }

        return [.. points];
    }

    /// <summary>Bins of equal count. Equal probabilities stay in one bin, so there may be fewer, larger bins; none is empty.</summary>
    public CalibrationBin[] Calibration(int bins)
    {
        var table = new List<CalibrationBin>(Math.Min(bins, Rows));
        var start = 0;
        for (var bin = 1; bin <= bins && start < Rows; bin++)
        {
            var target = (int)((long)Rows * bin / bins);
            if (target <= start)
            {
                continue;
            }

            int end = target, positives = 0;
            while (end < Rows && _probabilities[end] == _probabilities[target - 1])
            {
                end++;
            }

            double sum = 0;
            for (var row = start; row < end; row++)
            {
                sum += _probabilities[row];
                positives += _labels[row] ? 1 : 0;
            }

            var rows = end - start;
            table.Add(new CalibrationBin(rows, _probabilities[start], _probabilities[end - 1], sum / rows, (double)positives / rows));
            start = end;
        }

        return [.. table];
    }

    private int TieEnd(int start, out long positives)
    {
        positives = 0;
        var end = start;
        for (var probability = _probabilities[start]; end < Rows && _probabilities[end] == probability; end++)
        {
            positives += _labels[end] ? 1 : 0;
        }

        return end;
    }
}
