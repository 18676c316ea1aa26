using System.Diagnostics.CodeAnalysis;

namespace Mlp.Edge;

/// <summary>
/// Whether the operators of pipelines are linked: a trimmed program whose models are trees, linear models and small nets alone leaves them out with
/// <c>&lt;RuntimeHostConfigurationOption Include="Mlp.Edge.PipelineOperators" Value="false" Trim="true" /&gt;</c>.
/// </summary>
internal static class PipelineSwitch
{
    public const string Name = "Mlp.Edge.PipelineOperators";

    [FeatureSwitchDefinition(Name)]
    public static bool IsOn { get; } = !AppContext.TryGetSwitch(Name, out var on) || on;
}
