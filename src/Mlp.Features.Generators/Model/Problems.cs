using Microsoft.CodeAnalysis;

namespace Mlp.Features.Generators;

/// <summary>What the generator may find wrong.</summary>
internal static class Problems
{
    public static readonly DiagnosticDescriptor NotPartial = New("MLP101", "A declared type has to be partial", "'{0}' has to be partial, so that its code can be added to it");

    public static readonly DiagnosticDescriptor Generic = New("MLP102", "A declared type cannot be generic", "'{0}' is generic or lies within a generic type; a declaration is one");

    public static readonly DiagnosticDescriptor UnsupportedType = New("MLP103", "The type of a column is not supported", "'{0}' of the type '{1}' cannot be a column; expected a bool, an integer, a float, a text, an enum, a DateTime, a Guid or an array of those but enums");

    public static readonly DiagnosticDescriptor NoColumns = New("MLP104", "A declared type has columns", "'{0}' has no property that could be a column");

    public static readonly DiagnosticDescriptor NotSettable = New("MLP105", "A column's property is set", "'{0}' cannot be set from outside; a column's property is a parameter of the record or has an accessible set or init");

    public static readonly DiagnosticDescriptor NotConstructible = New("MLP106", "A declared row can be made", "'{0}' cannot be made: every parameter of the record has to be a column, and without parameters it needs a constructor that takes none");

    public static readonly DiagnosticDescriptor WrongName = New("MLP107", "A name is a name, and given once", "'{0}' is no name here: expected 1 to 128 ASCII letters, digits and underscores, starting with no digit, and none that is there already");

    public static readonly DiagnosticDescriptor WrongVector = New("MLP108", "A vector is an array of numbers or bools with a length", "'{0}' cannot be a vector: expected an array of numbers or bools and a length from 1 to 16384");

    public static readonly DiagnosticDescriptor WrongCategories = New("MLP109", "Categories are declared once each, of a text or by an enum", "'{0}' cannot be a category: expected a text with different, non-empty categories, or an enum whose members have different values");

    public static readonly DiagnosticDescriptor WrongDefault = New("MLP110", "A default fits its column", "The default of '{0}' does not fit a column of {1}");

    public static readonly DiagnosticDescriptor WrongTimeToLive = New("MLP111", "A time to live is a positive span of time", "'{0}' is no time to live; expected such as '06:00:00' or '30.00:00:00' with days first, more than 0");

    public static readonly DiagnosticDescriptor NoEntity = New("MLP112", "A view is about a declared entity", "'{0}' is no entity: the view's type parameter needs the attribute Entity");

    public static readonly DiagnosticDescriptor WrongKey = New("MLP113", "A key is an integer, a text or a GUID", "'{0}' of the type '{1}' cannot be a key; expected an integer up to 64 bits signed, a text or a Guid, never missing");

    public static readonly DiagnosticDescriptor NameTaken = New("MLP114", "The names of what is added are free", "'{0}' has a member '{1}', which is what the compiler adds; give the property another name, and the column its own by the attribute Column");

    public static readonly DiagnosticDescriptor WrongMethod = New("MLP115", "An on-demand view is a static method that returns its features", "'{0}' cannot be an on-demand view: expected a static method without type parameters that returns a number or a bool, or a tuple of them with names");

    public static readonly DiagnosticDescriptor WrongParameter = New("MLP116", "A parameter of an on-demand view says where it comes from", "'{0}' has to be a float or a float? with FromView or FromRequest, a ReadOnlySpan<float> with FromView, or a DateTime, which is the request's time");

    public static readonly DiagnosticDescriptor WrongFeature = New("MLP117", "A feature that an on-demand view reads exists and is a number", "'{0}' is no feature that '{1}' could read; expected such as 'view.feature', or the property of a declared row with numbers: a span for a vector, a float for all others");

    public static readonly DiagnosticDescriptor WrongMoment = New("MLP118", "A column that says when is one of moments", "'{0}' cannot be the {1}: expected the name of a column of the row that is a DateTime, or of retractions a long");

    private static readonly DiagnosticDescriptor[] All =
    [
        NotPartial, Generic, UnsupportedType, NoColumns, NotSettable, NotConstructible, WrongName, WrongVector, WrongCategories, WrongDefault, WrongTimeToLive,
        NoEntity, WrongKey, NameTaken, WrongMethod, WrongParameter, WrongFeature, WrongMoment,
    ];

    public static DiagnosticDescriptor Find(string id) => All.First(d => d.Id == id);

    private static DiagnosticDescriptor New(string id, string title, string message) => new(id, title, message, "Mlp.Features", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
