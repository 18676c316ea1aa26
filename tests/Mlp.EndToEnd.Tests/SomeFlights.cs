using FlightDelay.Pipeline;
using FlightDelay.Training;

namespace Mlp.EndToEnd.Tests;

/// <summary>A few weeks to train on and a few days to test on: enough for what a training does, too little for what it is worth.</summary>
public sealed class SomeFlights : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Workspace _workspace;

    public SomeFlights()
    {
        _workspace = Workspace.Open(_folder.Path, fresh: false);
        History = FlightHistory.Open(_workspace, Flights.File);
        Months = History.Rows(FlightHistory.TrainingBegin, FlightHistory.TrainingBegin.AddDays(20));
        HeldOut = History.Rows(FlightHistory.HeldOutBegin, FlightHistory.HeldOutBegin.AddDays(3));
    }

    internal FlightHistory History { get; }

    internal LabelledRows Months { get; }

    internal LabelledRows HeldOut { get; }

    public void Dispose()
    {
        _workspace.Dispose();
        _folder.Dispose();
    }
}
