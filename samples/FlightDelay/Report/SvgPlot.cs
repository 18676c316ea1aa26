using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ScottPlot;
using SkiaSharp;

namespace FlightDelay.Report;

/// <summary>Turns a plot into SVG that stands inside a page: its words as outlines, its lines in the page's own ink, light or dark.</summary>
/// <remarks>
/// A bare machine has no font: SkiaSharp then writes no letter at all, and a browser shows none. So the sample brings a font
/// (Fonts/), measures with it, and draws its outlines: what is on the page needs no font any more.
/// </remarks>
internal static partial class SvgPlot
{
    private const string FontFamily = "DejaVu Sans";

    // A colour that no series uses; it becomes the page's text colour, light or dark.
    private const string InkHex = "#123456";

    // Of a word that is no outline: enough to see what is different in it.
    private const int ShownMax = 200;

    private static readonly Lazy<SKTypeface> Typeface = new(LoadFont);

    public static Color Ink { get; } = Color.FromHex(InkHex);

    public static Plot NewPlot(string xLabel, string yLabel)
    {
        _ = Typeface.Value;
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
        return $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(alternative)}\">{Outlined(body)}";
    }

    /// <summary>The same picture with its words as outlines.</summary>
    /// <exception cref="InvalidOperationException">A word is left: SkiaSharp writes it in a way that is not known here, and a browser without the font would show none.</exception>
    public static string Outlined(string svg)
    {
        var outlined = Words().Replace(svg, Outline);
        var left = outlined.IndexOf("<text", StringComparison.Ordinal);
        return left < 0
            ? outlined
            : throw new InvalidOperationException($"No outline was made of {outlined[left..Math.Min(outlined.Length, left + ShownMax)]}: its attributes were expected to be transform, font-size, x and y, in this order.");
    }

    private static SKTypeface LoadFont()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Report", "Fonts", "DejaVuSans.ttf");
        Fonts.AddFontFile(FontFamily, path, bold: false, italic: false);
        Fonts.Default = FontFamily;
        return SKTypeface.FromFile(path) ?? throw new InvalidOperationException($"{path} is no font.");
    }

    /// <summary>The letters of one text element as a path: each where SkiaSharp placed it.</summary>
    private static string Outline(Match match)
    {
        var words = WebUtility.HtmlDecode(match.Groups["words"].Value).Trim();
        var xs = Numbers(match.Groups["x"].Value);
        var y = Numbers(match.Groups["y"].Value)[0];
        using var font = new SKFont(Typeface.Value, float.Parse(match.Groups["size"].Value, CultureInfo.InvariantCulture));
        using var outline = new SKPath();
        for (var i = 0; i < words.Length; i++)
        {
            using var glyph = font.GetTextPath(words[i].ToString(), new SKPoint(xs[i], y));
            outline.AddPath(glyph);
        }

        return $"<path fill=\"currentColor\" transform=\"{match.Groups["transform"].Value}\" d=\"{outline.ToSvgPathData()}\"/>";
    }

    private static float[] Numbers(string list) =>
        [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(number => float.Parse(number, CultureInfo.InvariantCulture))];

    [GeneratedRegex("<text[^>]* transform=\"(?<transform>[^\"]*)\" font-size=\"(?<size>[^\"]*)\"[^>]* x=\"(?<x>[^\"]*)\" y=\"(?<y>[^\"]*)\">(?<words>[^<]*)</text>")]
    private static partial Regex Words();
}
