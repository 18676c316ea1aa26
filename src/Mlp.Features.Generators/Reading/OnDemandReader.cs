using Microsoft.CodeAnalysis;

namespace Mlp.Features.Generators;

/// <summary>Reads methods that are on-demand views.</summary>
internal static class OnDemandReader
{
    private static readonly SpecialType[] Numbers =
    [
        SpecialType.System_Boolean, SpecialType.System_Single, SpecialType.System_Double, SpecialType.System_SByte, SpecialType.System_Byte,
        SpecialType.System_Int16, SpecialType.System_UInt16, SpecialType.System_Int32, SpecialType.System_UInt32, SpecialType.System_Int64, SpecialType.System_UInt64,
    ];

    public static OnDemandMethod Read(IMethodSymbol method)
    {
        var problems = new List<Problem>();
        var place = PlaceReader.Read(method.ContainingType, problems);
        var stated = method.Find("OnDemandViewAttribute")!;
        var (view, version) = (stated.Word(), stated.Word(1));
        if (!Names.IsName(view) || version.Length == 0)
        {
            problems.Add(Problem.At(Problems.WrongName, method, Names.IsName(view) ? version : view));
        }

        PlaceReader.RequireFree(method.ContainingType, problems, method.Name + "View");
        if (!method.IsStatic || method.IsGenericMethod || method.ContainingType.GetMembers(method.Name).Length > 1)
        {
            problems.Add(Problem.At(Problems.WrongMethod, method, method.Name));
        }

        var (features, results) = Results(method, view, problems);
        var parameters = method.Parameters.Select(p => Parameter(p, method, problems)).OfType<OnDemandParameter>().ToArray();
        return new OnDemandMethod(place, method.Name, view, version, new(parameters), features, results, new([.. problems]));
    }

    private static (EquatableArray<string> Features, EquatableArray<string> Results) Results(IMethodSymbol method, string view, List<Problem> problems)
    {
        if (Numbers.Contains(method.ReturnType.SpecialType))
        {
            return (new([view]), new([Float("result", method.ReturnType)]));
        }

        if (method.ReturnType is INamedTypeSymbol { IsTupleType: true } tuple && tuple.TupleElements.All(e => e.IsExplicitlyNamedTupleElement && Numbers.Contains(e.Type.SpecialType)))
        {
            var names = tuple.TupleElements.Select(e => Names.OfProperty(e.Name)).ToArray();
            foreach (var name in names.Where((n, i) => !Names.IsName(n) || Array.IndexOf(names, n) != i))
            {
                problems.Add(Problem.At(Problems.WrongName, method, name));
            }

            return (new(names), new([.. tuple.TupleElements.Select(e => Float($"result.@{e.Name}", e.Type))]));
        }

        problems.Add(Problem.At(Problems.WrongMethod, method, method.Name));
        return default;
    }

    private static string Float(string result, ITypeSymbol type) => type.SpecialType == SpecialType.System_Boolean ? $"{result} ? 1f : 0f" : $"(float){result}";

    private static OnDemandParameter? Parameter(IParameterSymbol parameter, IMethodSymbol method, List<Problem> problems)
    {
        var (view, request) = (parameter.Find(Attributes.FromView), parameter.Find(Attributes.FromRequest));
        if (parameter.Type.SpecialType == SpecialType.System_DateTime && view is null && request is null)
        {
            return new OnDemandParameter(ParameterOrigin.Time, "", ParameterForm.Float);
        }

        if (Form(parameter.Type) is not { } form || view is null == request is null || parameter.RefKind is not (RefKind.None or RefKind.In) || (request is not null && form == ParameterForm.Floats))
        {
            problems.Add(Problem.At(Problems.WrongParameter, parameter, parameter.Name));
            return null;
        }

        if (request is not null)
        {
            var name = request.Named("Name") ?? Names.OfProperty(parameter.Name);
            if (!Names.IsName(name))
            {
                problems.Add(Problem.At(Problems.WrongName, parameter, name));
            }

            return new OnDemandParameter(ParameterOrigin.Request, name, form);
        }

        if (Feature(view!, form) is { } feature)
        {
            return new OnDemandParameter(ParameterOrigin.View, feature, form);
        }

        problems.Add(Problem.At(Problems.WrongFeature, parameter, view!.Word(), method.Name));
        return null;
    }

    private static ParameterForm? Form(ITypeSymbol type) => type switch
    {
        { SpecialType: SpecialType.System_Single } => ParameterForm.Float,
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable when nullable.TypeArguments[0].SpecialType == SpecialType.System_Single => ParameterForm.NullableFloat,
        INamedTypeSymbol { Name: "ReadOnlySpan", Arity: 1, ContainingNamespace.Name: "System" } span when span.TypeArguments[0].SpecialType == SpecialType.System_Single => ParameterForm.Floats,
        _ => null,
    };

    private static string? Feature(AttributeData view, ParameterForm form)
    {
        var word = view.Word();
        if (view.AttributeClass?.TypeArguments.FirstOrDefault() is not { } argument)
        {
            var dot = word.IndexOf('.');
            return dot > 0 && Names.IsName(word.Substring(0, dot)) && Names.IsName(word.Substring(dot + 1)) ? word : null;
        }

        if (argument is not INamedTypeSymbol row || row.Find("FeatureViewAttribute") is not { } stated)
        {
            return null;
        }

        // What is wrong with the row is said where it stands.
        var column = new ColumnReader(row, []).Read(areKeys: false, reserved: "").FirstOrDefault(c => c.Property == word);
        return column is { FloatCount: > 0 } && column.IsVector == (form == ParameterForm.Floats) ? $"{stated.Word()}.{column.Name}" : null;
    }
}
