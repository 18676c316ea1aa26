namespace Mlp.Core;

/// <summary>What <c>mlp.json</c> states: everything about a model that travels with it.</summary>
public sealed record PackageManifest
{
    /// <summary>The file's name in a package.</summary>
    public const string FileName = "mlp.json";

    /// <summary>The version of the format that this library writes; it reads this one.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The model's name: 1 to 128 letters, digits, dots, hyphens and underscores, starting with a letter or a digit.</summary>
    public required string Name { get; init; }

    /// <summary>The path of the model file in the package.</summary>
    public string ModelFile { get; init; } = "model.onnx";

    /// <summary>Inputs and outputs of the model.</summary>
    public required ModelSignature Signature { get; init; }

    /// <summary>Names of the classes, in the order of the output; empty for a regression.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>SPDX expression of the model's licence; empty where none is stated.</summary>
    public string License { get; init; } = "";

    /// <summary>One sentence for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>The features a row of the input is made of; null for a model that reads no feature store.</summary>
    public FeatureServiceReference? FeatureService { get; init; }

    /// <summary>Where the model comes from; null where nothing is known.</summary>
    public ModelLineage? Lineage { get; init; }

    /// <summary>The path of the reference profile; null where there is none.</summary>
    public string? ProfileFile { get; init; }

    /// <summary>The path of the evaluation report; null where there is none.</summary>
    public string? EvaluationFile { get; init; }

    /// <summary>The path of the golden examples; null where there are none.</summary>
    public string? GoldenFile { get; init; }

    /// <summary>All files of the package but the manifest itself, ordered by path.</summary>
    public IReadOnlyList<PackageFile> Files { get; init; } = [];
}
