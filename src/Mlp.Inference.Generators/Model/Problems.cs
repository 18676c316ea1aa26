using Microsoft.CodeAnalysis;

namespace Mlp.Inference.Generators;

/// <summary>What the generator may find wrong.</summary>
internal static class Problems
{
    public static readonly DiagnosticDescriptor NotPartial = New("MLP001", "A row type has to be partial", "'{0}' has to be partial, so that the code of its columns can be added to it");

    public static readonly DiagnosticDescriptor Generic = New("MLP002", "A row type cannot be generic", "'{0}' is generic or lies within a generic type; a row type has one layout");

    public static readonly DiagnosticDescriptor UnsupportedType = New("MLP003", "The type of a column is not supported", "'{0}' of the type '{1}' cannot be a column of {2}");

    public static readonly DiagnosticDescriptor MixedTypes = New("MLP004", "Columns of one tensor have one type", "The columns of '{0}' are '{1}' and '{2}'; a tensor has one element type");

    public static readonly DiagnosticDescriptor NoColumns = New("MLP005", "A row type has columns", "'{0}' has no property that could be a column");

    public static readonly DiagnosticDescriptor MixedFeatures = New("MLP006", "All columns of a tensor name their feature, or none does", "'{0}' names no feature, other columns of '{1}' do");

    public static readonly DiagnosticDescriptor NotSettable = New("MLP007", "An output's property is set", "'{0}' cannot be set from outside; an output's property is a parameter of the record or has an accessible set or init");

    public static readonly DiagnosticDescriptor WidthMissing = New("MLP008", "A block of columns states its width", "'{0}' is a block of columns; state its number of elements with Width, at least 1");

    public static readonly DiagnosticDescriptor EmptyName = New("MLP009", "A tensor and a feature have names", "'{0}' states an empty name");

    public static readonly DiagnosticDescriptor WrongColumn = New("MLP010", "The column of an output is stated once and in range", "'{0}' states the column {1} of '{2}'; expected a number from 0 that no other property has");

    public static readonly DiagnosticDescriptor NotConstructible = New("MLP011", "An output can be made", "'{0}' cannot be made: every parameter of the record has to be an output, and without parameters it needs a constructor that takes none");

    private static readonly DiagnosticDescriptor[] All =
        [NotPartial, Generic, UnsupportedType, MixedTypes, NoColumns, MixedFeatures, NotSettable, WidthMissing, EmptyName, WrongColumn, NotConstructible];

    public static DiagnosticDescriptor Find(string id) => All.First(d => d.Id == id);

    private static DiagnosticDescriptor New(string id, string title, string message) => new(id, title, message, "Mlp.Inference", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
