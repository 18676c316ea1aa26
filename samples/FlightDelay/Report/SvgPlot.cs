using System.Net;
using System.Text.RegularExpressions;
using ScottPlot;

namespace FlightDelay.Report;

/// <summary>Turns a plot into SVG that stands inside a page: its words in the font that travels with the page, its lines in the page's own ink.</summary>
/// <remarks>
/// SkiaSharp measures text with a font and writes no letter without one; a bare machine has none. So the sample brings its own
/// (Fonts/), draws with it, and the page embeds the same file: letters stand where they were measured.
/// </remarks>
internal static partial class SvgPlot
{
    public const string FontFamily = "DejaVu Sans";

    // A colour that no series uses; it becomes the page's text colour, light or dark.
    private const string InkHex = "#123456";
    private static readonly Lazy<string> FontFile = new(LoadFont);

    public static Color Ink { get; } = Color.FromHex(InkHex);

    /// <summary>The font as a data URI for the page's style.</summary>
    public static string FontDataUri => "data:font/ttf;base64," + Convert.ToBase64String(File.ReadAllBytes(FontFile.Value));

    public static Plot NewPlot(string xLabel, string yLabel)
    {
        _ = FontFile.Value;
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.Color(Ink);
        plot.Grid.MajorLineColor = Ink.WithAlpha(0.15);
        plot.Legend.BackgroundColor = Colors.Transparent;
        plot.Legend.OutlineColor = Colors.Transparent;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.FontColor = Ink;
        plot.Legend.FontSize = 13;
        plot.XLabel(xLabel);
        plot.YLabel(yLabel);
        foreach (var axis in plot.Axes.GetAxes())
        {
            axis.Label.Bold = false;
            axis.Label.FontSize = 13;
        }

        plot.Font.Set(FontFamily);
        return plot;
    }

    /// <param name="plot">The plot.</param>
    /// <param name="id">Unique in the page: clip paths are named after it.</param>
    /// <param name="alternative">What the plot says, for who can't see it.</param>
    /// <param name="width">Width in pixels; the page scales it down where there is less room.</param>
    /// <param name="height">Height in pixels.</param>
    public static string Render(Plot plot, string id, string alternative, int width, int height)
    {
        var svg = plot.GetSvgXml(width, height);
        var root = svg.IndexOf("<svg", StringComparison.Ordinal);
        var body = svg[(svg.IndexOf('>', root) + 1)..]
            .Replace("id=\"cl_", $"id=\"{id}_cl_", StringComparison.Ordinal)
            .Replace("url(#cl_", $"url(#{id}_cl_", StringComparison.Ordinal)
            .Replace(InkHex, "currentColor", StringComparison.OrdinalIgnoreCase);
        return $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(alternative)}\">{BetweenTags().Replace(body, "$1")}";
    }

    private static string LoadFont()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Report", "Fonts", "DejaVuSans.ttf");
        Fonts.AddFontFile(FontFamily, path, bold: false, italic: false);
        Fonts.Default = FontFamily;
        return path;
    }

    // The indentation around a text would be drawn as spaces.
    [GeneratedRegex(@"\s*\n\s*([^\s<][^<]*?|)\s*(?=<)")]
    private static partial Regex BetweenTags();
}
