namespace Mlp.Features.Generators;

/// <summary>Where a type stands: what its other part has to repeat.</summary>
/// <param name="Namespace">Its namespace; empty for the global one.</param>
/// <param name="Headers">The declarations around it and its own, outermost first, such as <c>partial record struct Row</c>.</param>
/// <param name="Name">Its name within its innermost container.</param>
/// <param name="FullName">Its name for the file.</param>
internal sealed record TypePlace(string Namespace, EquatableArray<string> Headers, string Name, string FullName);

/// <summary>A key, read: all that its code is made from. Two equal ones give the same code.</summary>
internal sealed record KeyType(TypePlace Place, string Entity, EquatableArray<ColumnModel> Columns, EquatableArray<Problem> Problems);

/// <summary>A row, read: all that its code is made from.</summary>
/// <param name="Place">The type.</param>
/// <param name="View">The view's name.</param>
/// <param name="Entity">The key's type, in full.</param>
/// <param name="Source">The source's name.</param>
/// <param name="TimeColumn">The source's column of times.</param>
/// <param name="CreatedColumn">The source's column of when a row was written; null for none.</param>
/// <param name="RetractsColumn">The source's column of what a row retracts; null for none.</param>
/// <param name="TimeToLiveTicks">0 for any age.</param>
/// <param name="People">What is for people only.</param>
/// <param name="Columns">The columns, in order.</param>
/// <param name="Constructor">Properties that its constructor takes, in order.</param>
/// <param name="Problems">What is wrong with it; where there is anything, no code is made.</param>
internal sealed record RowType(
    TypePlace Place,
    string View,
    string Entity,
    string Source,
    string TimeColumn,
    string? CreatedColumn,
    string? RetractsColumn,
    long TimeToLiveTicks,
    ForPeople People,
    EquatableArray<ColumnModel> Columns,
    EquatableArray<string> Constructor,
    EquatableArray<Problem> Problems);

/// <summary>What a view says about itself.</summary>
internal sealed record ForPeople(string? Owner, string? Description, EquatableArray<string> Tags);

/// <summary>An on-demand view, read.</summary>
internal sealed record OnDemandMethod(
    TypePlace Place,
    string Method,
    string View,
    string Version,
    EquatableArray<OnDemandParameter> Parameters,
    EquatableArray<string> Features,
    EquatableArray<string> Results,
    EquatableArray<Problem> Problems);

/// <summary>A parameter of an on-demand view.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Name">The feature or the request's column.</param>
/// <param name="Form">Its type.</param>
internal sealed record OnDemandParameter(ParameterOrigin Origin, string Name, ParameterForm Form);

internal enum ParameterOrigin
{
    Time,
    View,
    Request,
}

internal enum ParameterForm
{
    Float,
    NullableFloat,
    Floats,
}
