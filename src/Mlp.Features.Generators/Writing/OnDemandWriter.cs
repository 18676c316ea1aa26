namespace Mlp.Features.Generators;

/// <summary>Writes the view of a method.</summary>
internal static class OnDemandWriter
{
    public static string Write(OnDemandMethod method)
    {
        var code = TypeText.Open(method.Place);
        var inputs = Distinct(method, ParameterOrigin.View);
        var requested = Distinct(method, ParameterOrigin.Request);
        var arguments = string.Join(", ", method.Parameters.Select(p => Argument(p, inputs, requested)));
        code.Append($"    /// <summary>The view {method.View}, computed by <see cref=\"{method.Method}\"/>.</summary>\n");
        code.Append($"    public static {Code.Room}OnDemandView {method.Method}View {{ get; }} = new {Code.Room}OnDemandView(\n        {Code.Text(method.View)}, {Code.Text(method.Version)}, {TypeText.Texts(method.Features)},\n");
        code.Append($"        {TypeText.Texts(inputs)}, {TypeText.Texts(requested)},\n        static (in {Code.Room}OnDemandInput input, global::System.Span<float> features) =>\n        {{\n            var result = @{method.Method}({arguments});\n");
        for (var i = 0; i < method.Results.Count; i++)
        {
            code.Append($"            features[{Code.Number(i)}] = {method.Results[i]};\n");
        }

        code.Append("        });\n");
        return TypeText.Close(code, method.Place);
    }

    private static string[] Distinct(OnDemandMethod method, ParameterOrigin origin) =>
        [.. method.Parameters.Where(p => p.Origin == origin).Select(p => p.Name).Distinct(StringComparer.Ordinal)];

    private static string Argument(OnDemandParameter parameter, string[] inputs, string[] requested)
    {
        if (parameter.Origin == ParameterOrigin.Time)
        {
            return "input.Time";
        }

        var (from, index) = parameter.Origin == ParameterOrigin.View ? ("Feature", Array.IndexOf(inputs, parameter.Name)) : ("Request", Array.IndexOf(requested, parameter.Name));
        return parameter.Form switch
        {
            ParameterForm.Floats => $"input.Vector({Code.Number(index)})",
            ParameterForm.NullableFloat => $"{Code.Room}OnDemandInput.OrNull(input.{from}({Code.Number(index)}))",
            _ => $"input.{from}({Code.Number(index)})",
        };
    }
}
