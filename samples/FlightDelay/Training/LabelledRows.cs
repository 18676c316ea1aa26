namespace FlightDelay.Training;

/// <summary>Rows of features with what came of them, in the order of departure.</summary>
internal sealed class LabelledRows(int columns)
{
    /// <summary>Features in one row.</summary>
    public int Columns { get; } = columns;

    /// <summary>The features, row by row.</summary>
    public List<float[]> Features { get; } = [];

    /// <summary>Whether the flight was more than 15 minutes late.</summary>
    public List<bool> Labels { get; } = [];

    /// <summary>Scheduled departure, UTC.</summary>
    public List<DateTime> Times { get; } = [];

    public List<string> Origins { get; } = [];

    public List<string> Destinations { get; } = [];

    public int Count => Features.Count;

    public void Add(ReadOnlySpan<float> features, bool label, DateTime time, string origin, string destination)
    {
        Features.Add(features.ToArray());
        Labels.Add(label);
        Times.Add(time);
        Origins.Add(origin);
        Destinations.Add(destination);
    }

    /// <summary>Those rows, and the others; both stay in order.</summary>
    public (LabelledRows Those, LabelledRows Others) Split(Func<DateTime, bool> those)
    {
        var parts = (Those: new LabelledRows(Columns), Others: new LabelledRows(Columns));
        for (var i = 0; i < Count; i++)
        {
            var part = those(Times[i]) ? parts.Those : parts.Others;
            part.Features.Add(Features[i]);
            part.Labels.Add(Labels[i]);
            part.Times.Add(Times[i]);
            part.Origins.Add(Origins[i]);
            part.Destinations.Add(Destinations[i]);
        }

        return parts;
    }

    /// <summary>The features of the first rows, row-major.</summary>
    public float[] Flatten(int rowsMax = int.MaxValue)
    {
        var rows = Math.Min(Count, rowsMax);
        var flat = new float[rows * Columns];
        for (var i = 0; i < rows; i++)
        {
            Features[i].CopyTo(flat, i * Columns);
        }

        return flat;
    }
}
