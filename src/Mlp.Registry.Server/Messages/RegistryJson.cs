using System.Text.Json.Serialization;

namespace Mlp.Registry.Server;

/// <summary>JSON as MLflow writes it: snake case, unset fields left out, not-a-number as the text <c>"NaN"</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(ExperimentIdAnswer))]
[JsonSerializable(typeof(ExperimentAnswer))]
[JsonSerializable(typeof(ExperimentsAnswer))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(RunInfoAnswer))]
[JsonSerializable(typeof(RunsAnswer))]
[JsonSerializable(typeof(MetricsAnswer))]
[JsonSerializable(typeof(RegisteredModelAnswer))]
[JsonSerializable(typeof(RegisteredModelsAnswer))]
[JsonSerializable(typeof(ModelVersionAnswer))]
[JsonSerializable(typeof(ModelVersionsAnswer))]
[JsonSerializable(typeof(PromotionAnswer))]
[JsonSerializable(typeof(AliasHistoryAnswer))]
[JsonSerializable(typeof(AliasAtAnswer))]
[JsonSerializable(typeof(IReadOnlyList<RuleOutcome>))]
internal sealed partial class RegistryJson : JsonSerializerContext;
