using FlightDelay.Training;
using Mlp.Monitoring;

namespace FlightDelay.Pipeline;

/// <summary>A profile of each training month, kept in the workspace: what is shown against the reference.</summary>
internal static class MonthlyProfiles
{
    public static string PathOf(Workspace workspace, DateTime month) => workspace.At("profiles", $"{month:yyyy-MM}.json");

    /// <summary>Writes them.</summary>
    /// <param name="workspace">Where to.</param>
    /// <param name="rows">In the order of time.</param>
    /// <param name="probabilities">The model's answer to each row.</param>
    public static void Write(Workspace workspace, LabelledRows rows, ReadOnlySpan<float> probabilities)
    {
        for (var from = 0; from < rows.Count;)
        {
            var month = new DateTime(rows.Times[from].Year, rows.Times[from].Month, 1, 0, 0, 0, DateTimeKind.Utc);
            var builder = TrafficProfile.NewBuilder();
            for (; from < rows.Count && rows.Times[from] < month.AddMonths(1); from++)
            {
                TrafficProfile.Add(builder, rows.Features[from], probabilities[from]);
            }

            Workspace.Write(PathOf(workspace, month), DataProfileJson.Write(builder.Build()));
        }
    }

    /// <summary>The profile of all rows together.</summary>
    public static DataProfile Of(LabelledRows rows, ReadOnlySpan<float> probabilities)
    {
        var builder = TrafficProfile.NewBuilder();
        for (var i = 0; i < rows.Count; i++)
        {
            TrafficProfile.Add(builder, rows.Features[i], probabilities[i]);
        }

        return builder.Build();
    }
}
