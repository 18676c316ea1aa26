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

    /// <summary>All features, row-major.</summary>
    public float[] Flatten()
    {
        var flat = new float[Count * Columns];
        for (var i = 0; i < Count; i++)
        {
            Features[i].CopyTo(flat, i * Columns);
        }

        return flat;
    }
}
