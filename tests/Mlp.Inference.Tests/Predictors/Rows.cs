namespace Mlp.Inference.Tests.Predictors;

[ModelInput("features")]
public readonly partial record struct ThreeColumns([Feature("a.x")] float X, [Feature("a.y")] float Y, [Feature("b.z")] float Z);

public readonly partial record struct LateAnswer([ModelOutput("probabilities", Column = 1)] float Late);

public sealed partial record WholeAnswer([ModelOutput("label")] long Label, [ModelOutput("probabilities", Column = 1)] float Yes)
{
    [ModelOutput("probabilities", Column = 0)]
    public float No { get; init; }
}

[ModelInput("x")]
public readonly partial record struct OneNumber(float Value);

[ModelOutput("y")]
public readonly partial record struct OneAnswer(float Value);

public partial class TwoInputs
{
    [ModelInput("b", Width = 3)]
    public ReadOnlyMemory<float> B { get; init; }

    [ModelInput("a")]
    public float First { get; init; }

    [ModelInput("a")]
    public float Second { get; init; }

    public string Remark { get; init; } = "";
}

[ModelOutput("y")]
public partial class FiveAnswers
{
    public float A { get; set; }

    public float B { get; set; }

    public float C { get; set; }

    public float D { get; set; }

    public float E { get; set; }
}

public readonly partial record struct Words([ModelInput("a")] string First, [ModelInput("n")] long Number, [ModelInput("b", Width = 2)] string[] Rest);

public readonly partial record struct Spoken([ModelOutput("first")] string First, [ModelOutput("rest", Column = 1)] string Last, [ModelOutput("doubled")] long Doubled);

[ModelOutput("y")]
public readonly partial record struct Blocks(float First, [ModelOutput("y", Width = 3)] ReadOnlyMemory<float> Middle, [ModelOutput("y", Width = 1)] float[] Last);
