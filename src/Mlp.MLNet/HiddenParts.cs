using System.Collections.Immutable;
using System.Reflection;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Mlp.Core;

namespace Mlp.MLNet;

/// <summary>What ML.NET's models hold but do not show. A version of ML.NET that holds it elsewhere is refused, by name.</summary>
internal static class HiddenParts
{
    private static readonly FieldInfo? Tree = typeof(RegressionTreeBase).GetField("_tree", BindingFlags.Instance | BindingFlags.NonPublic);
    private static readonly FieldInfo? Defaults = Tree?.FieldType.GetField("DefaultValueForMissing", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
    private static readonly FieldInfo? Output = typeof(OneVersusAllModelParameters).GetField("_impl", BindingFlags.Instance | BindingFlags.NonPublic);

    private static readonly PropertyInfo? Classes = typeof(OneVersusAllModelParameters).GetProperty("SubModelParameters", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    private static readonly FieldInfo? Bounds = Shapes("_binUpperBounds");
    private static readonly FieldInfo? Effects = Shapes("_binEffects");
    private static readonly FieldInfo? Inputs = Shapes("_shapeToInputMap");

    /// <summary>An additive model's shape functions: the feature of each, the upper bounds of its bins and what each bin adds. (What it shows leaves out features behind the number of functions.)</summary>
    public static (int[] Features, double[][] Bounds, double[][] Effects) ShapesOf(GamModelParametersBase model) =>
        Inputs?.GetValue(model) is int[] features && Bounds?.GetValue(model) is double[][] bounds && Effects?.GetValue(model) is double[][] effects
            ? (features, bounds, effects)
            : throw Missing<GamModelParametersBase>("its shape functions");

    /// <summary>The models of a one-versus-all, one a class.</summary>
    public static ImmutableArray<object> ClassesOf(OneVersusAllModelParameters model) =>
        Classes?.GetValue(model) is ImmutableArray<object> models ? models : throw Missing<OneVersusAllModelParameters>("its models");

    /// <summary>What each node of a tree reads in place of NaN; null where NaN is compared as it is.</summary>
    public static float[]? DefaultsOf(RegressionTreeBase tree) => Tree is null || Defaults is null
        ? throw Missing<RegressionTreeBase>("the values that stand for missing ones")
        : (float[]?)Defaults.GetValue(Tree.GetValue(tree));

    /// <summary>What a one-versus-all does with its models' scores.</summary>
    public static PostTransform OutputOf(OneVersusAllModelParameters model) => Output?.GetValue(model)?.GetType().Name switch
    {
        "ImplRaw" => PostTransform.None,
        "ImplDist" => PostTransform.OneAgainstAll,
        "ImplSoftmax" => PostTransform.Softmax,
        _ => throw Missing<OneVersusAllModelParameters>("the formula of its output"),
    };

    /// <summary>The model under a calibrator, whatever its type.</summary>
    public static object SubModelOf(object model) => Property(model, nameof(CalibratedModelParametersBase<,>.SubModel)) ?? throw Missing<CalibratedModelParametersBase>("its model");

    /// <summary>A model's calibrator; null where it has none.</summary>
    public static object? CalibratorOf(object model) => Property(model, nameof(CalibratedModelParametersBase<,>.Calibrator));

    private static object? Property(object model, string name)
    {
        for (var type = model.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(CalibratedModelParametersBase<,>))
            {
                // Its base class has properties of the same names, less of a type.
                return type.GetProperty(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)?.GetValue(model);
            }
        }

        return null;
    }

    private static FieldInfo? Shapes(string name) => typeof(GamModelParametersBase).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic);

    private static MlpException Missing<T>(string what) =>
        new(ErrorCodes.ModelInvalid, $"ML.NET {typeof(T).Assembly.GetName().Version} does not hold {what} where it is looked for in {typeof(T).Name}; expected version 5.0.");
}
