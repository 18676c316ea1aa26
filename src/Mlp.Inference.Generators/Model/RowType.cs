namespace Mlp.Inference.Generators;

/// <summary>A user's type, read: all that its code is made from. Two equal ones give the same code.</summary>
/// <param name="Namespace">Its namespace; empty for the global one.</param>
/// <param name="Headers">The declarations around it and its own, outermost first, such as <c>partial record struct Row</c>.</param>
/// <param name="Name">Its name within its innermost container.</param>
/// <param name="FullName">Its name for the file.</param>
/// <param name="Inputs">The model inputs it writes; none where it is no input.</param>
/// <param name="Outputs">The model outputs it reads; none where it is no output.</param>
/// <param name="Constructor">Properties that its constructor takes, in order.</param>
/// <param name="Problems">What is wrong with it; where there is anything, no code is made.</param>
internal sealed record RowType(
    string Namespace,
    EquatableArray<string> Headers,
    string Name,
    string FullName,
    EquatableArray<RowTensor> Inputs,
    EquatableArray<RowTensor> Outputs,
    EquatableArray<string> Constructor,
    EquatableArray<Problem> Problems);

/// <summary>One input or output of the model, as the type sees it.</summary>
internal sealed record RowTensor(string Name, ElementKind Kind, int Width, bool IsWhole, EquatableArray<RowColumn> Columns);

/// <summary>A property: one column, or a block of some.</summary>
internal sealed record RowColumn(string Property, int First, int Width, bool IsBlock, string? Feature);

/// <summary>An element type, as C# and as <c>Mlp.Core.ElementType</c> call it.</summary>
internal sealed record ElementKind(string Keyword, string Name)
{
    /// <summary>Strings, which are no bytes and have memory of their own.</summary>
    public static ElementKind Text { get; } = new("string", "String");

    public bool IsText => Name == "String";
}
