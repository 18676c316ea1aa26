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
