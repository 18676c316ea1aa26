using System.Text.RegularExpressions;
using FlightDelay.Report;
using Mlp.Monitoring;

namespace Mlp.EndToEnd.Tests;

/// <summary>The report's plots: a browser without a font shows their words all the same.</summary>
public partial class PlotTests
{
    private static readonly BinaryEvaluation Scores = BinaryEvaluation.Of([0.1f, 0.6f, 0.4f, 0.9f, 0.2f, 0.3f], [false, false, true, true, false, true]);

    [Theory]
    [InlineData("calibration")]
    [InlineData("roc")]
    [InlineData("importance")]
    [InlineData("latency")]
    public void Every_word_of_a_plot_is_an_outline(string plot)
    {
        var svg = plot switch
        {
            "calibration" => ReportPlots.Calibration(Scores, Scores),
            "roc" => ReportPlots.Roc(Scores, Scores),
            "importance" => ReportPlots.Importance([new FeatureImportance("calendar.hour", 0.75), new FeatureImportance("route.distance", 0.25)]),
            _ => ReportPlots.Latency(new LatencyFigures([new LatencyBin(0, 10, 5), new LatencyBin(10, 20, 1)], 5, 15)),
        };
        Assert.DoesNotContain("<text", svg, StringComparison.Ordinal);

        // At the least the axis' name and two of its figures; a letter has at least a line or a curve.
        Assert.InRange(Outline().Count(svg), 3, int.MaxValue);
    }

    [Theory]
    [InlineData("""<text fill="#000" transform="translate(1 2)" font-size="13" font-family="DejaVu Sans" x="0, 8" y="0, ">ab</text>""", true)]
    [InlineData("""<text fill="#000" font-size="13" transform="translate(1 2)" font-family="DejaVu Sans" x="0, 8" y="0, ">ab</text>""", false)]
    [InlineData("""<text fill="#000" transform="translate(1 2)" font-size="13" x="0, 8" y="0, "><tspan>ab</tspan></text>""", false)]
    public void A_word_that_becomes_no_outline_ends_the_report(string text, bool known)
    {
        _ = SvgPlot.NewPlot("x", "y");
        var svg = $"<g>{text}</g></svg>";
        if (known)
        {
            Assert.Matches(Outline(), SvgPlot.Outlined(svg));
        }
        else
        {
            Assert.Contains("<text fill=", Assert.Throws<InvalidOperationException>(() => SvgPlot.Outlined(svg)).Message, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("<path fill=\"currentColor\" transform=\"[^\"]+\" d=\"M[^\"]+[LQC][^\"]+\"/>")]
    private static partial Regex Outline();
}
