using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Mlp.Features.Generators;

/// <summary>A diagnostic to be: what, where and the words to put in; equal to another of the same.</summary>
internal sealed record Problem(string Id, string Path, TextSpan Span, LinePositionSpan Lines, EquatableArray<string> Words)
{
    public static Problem At(DiagnosticDescriptor what, ISymbol symbol, params string[] words)
    {
        var location = symbol.Locations.FirstOrDefault(l => l.IsInSource);
        return new Problem(what.Id, location?.SourceTree?.FilePath ?? "", location?.SourceSpan ?? default, location?.GetLineSpan().Span ?? default, new(words));
    }

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Problems.Find(Id), Path.Length == 0 ? Location.None : Location.Create(Path, Span, Lines), [.. Words]);
}
