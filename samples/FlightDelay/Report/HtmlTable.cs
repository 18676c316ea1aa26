using System.Net;
using System.Text;

namespace FlightDelay.Report;

/// <summary>One table of the page; all text is encoded.</summary>
internal sealed class HtmlTable
{
    private readonly StringBuilder _html = new();

    /// <param name="caption">What the table shows.</param>
    /// <param name="headings">Of the columns; all but the first hold figures.</param>
    public HtmlTable(string caption, params ReadOnlySpan<string> headings)
    {
        _html.Append("<div class=\"scroll\"><table><caption>").Append(Encode(caption)).Append("</caption><thead><tr>");
        foreach (var heading in headings)
        {
            _html.Append("<th scope=\"col\">").Append(Encode(heading)).Append("</th>");
        }

        _html.Append("</tr></thead><tbody>");
    }

    /// <param name="name">The row's heading.</param>
    /// <param name="cells">Text and style class; a class may be empty.</param>
    public HtmlTable Row(string name, params ReadOnlySpan<(string Text, string Class)> cells)
    {
        _html.Append("<tr><th scope=\"row\">").Append(Encode(name)).Append("</th>");
        foreach (var (text, style) in cells)
        {
            _html.Append("<td").Append(style.Length > 0 ? $" class=\"{style}\"" : "").Append('>').Append(Encode(text)).Append("</td>");
        }

        _html.Append("</tr>");
        return this;
    }

    public override string ToString() => _html + "</tbody></table></div>";

    public static string Encode(string text) => WebUtility.HtmlEncode(text);
}
