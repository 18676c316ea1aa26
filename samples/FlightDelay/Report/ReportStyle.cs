namespace FlightDelay.Report;

/// <summary>The page's style, light and dark; text on every ground has a contrast of at least 4.5 to 1.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --text: #1c2330; --quiet: #566072; --line: #d9dee7;
                --good: #d9f2e1; --warn: #fdebc4; --bad: #f9d3cf; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #11151c; --card: #1a202b; --text: #e6eaf1; --quiet: #a3adbd; --line: #323b4a; --good: #17402a; --warn: #54400c; --bad: #5c211b; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
        main { max-width: 1140px; margin: 0 auto; padding: 32px 20px 64px; }
        h1 { margin: 0 0 4px; font-size: 30px; line-height: 1.2; }
        h2 { margin: 0 0 4px; font-size: 20px; }
        p { margin: 0 0 12px; color: var(--quiet); max-width: 75ch; }
        code { font-size: 13px; overflow-wrap: anywhere; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px 24px; margin-top: 20px; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(138px, 1fr)); gap: 12px; margin: 24px 0 0; }
        .figures div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px; }
        .figures dt { color: var(--quiet); font-size: 14px; }
        .figures dd { margin: 0; font-size: 18px; font-weight: 600; white-space: nowrap; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 20px; }
        .pair section { min-width: 0; }
        svg { display: block; width: 100%; height: auto; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--quiet); padding-bottom: 8px; }
        th, td { padding: 6px 8px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
        th { font-weight: 600; }
        thead th { white-space: normal; vertical-align: bottom; }
        th:first-child { text-align: left; }
        tbody th { font-weight: 400; }
        td.words, table:has(td.words) thead th:nth-last-child(-n+2) { text-align: left; padding-left: 16px; } td.words { width: 1%; padding-left: 16px; padding-right: 16px; } td.words:last-child { width: 60%; white-space: normal; }
        .good { background: var(--good); } .warn { background: var(--warn); } .bad { background: var(--bad); font-weight: 600; }
        """;
}
