using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Finds a row type's tensors in a model, and says what does not fit: once, when a predictor is built.</summary>
internal static class RowBinding
{
    /// <summary>For each of the model's inputs the index of the type's tensor.</summary>
    public static int[] Inputs(HostedModel model, RowSchema schema)
    {
        if (!model.Layout.IsBatched)
        {
            throw InferenceErrors.NoRows(model.Signature, model.Layout.WhyWhole!);
        }

        var layouts = model.Layout.Inputs;
        var tensors = new int[layouts.Length];
        for (var i = 0; i < layouts.Length; i++)
        {
            tensors[i] = Find(schema, layouts[i].Name);
            if (tensors[i] < 0)
            {
                throw Mismatch(model, schema, $"has no columns for the input '{layouts[i].Name}'");
            }

            CheckTensor(model, schema, schema.Tensors[tensors[i]], layouts[i]);
        }

        if (schema.Tensors.Count > layouts.Length)
        {
            throw Mismatch(model, schema, "has columns for inputs that the model does not have");
        }

        CheckFeatures(model, schema, tensors);
        return tensors;
    }

    /// <summary>For each of the type's tensors the index of the model's output.</summary>
    public static int[] Outputs(HostedModel model, RowSchema schema)
    {
        var layouts = model.Layout.Outputs;
        var outputs = new int[schema.Tensors.Count];
        for (var t = 0; t < outputs.Length; t++)
        {
            var tensor = schema.Tensors[t];
            outputs[t] = -1;
            for (var i = 0; i < layouts.Length; i++)
            {
                outputs[t] = layouts[i].Name == tensor.Name ? i : outputs[t];
            }

            if (outputs[t] < 0)
            {
                throw Mismatch(model, schema, $"reads the output '{tensor.Name}', which the model does not have");
            }

            CheckTensor(model, schema, tensor, layouts[outputs[t]]);
        }

        return outputs;
    }

    private static void CheckTensor(HostedModel model, RowSchema schema, RowTensor tensor, TensorLayout layout)
    {
        if (tensor.Type != layout.Type)
        {
            throw Mismatch(model, schema, $"has {tensor.Type.Name()} for '{tensor.Name}', which is {layout.Type.Name()}");
        }

        if (tensor.IsWhole ? tensor.Width != layout.Width : tensor.Width > layout.Width)
        {
            throw Mismatch(model, schema, $"has {tensor.Width} columns of '{tensor.Name}', which has {layout.Width}");
        }
    }

    // The features of a service are the columns of a whole row, so those of the type are compared in the order of the model's inputs.
    private static void CheckFeatures(HostedModel model, RowSchema schema, int[] tensors)
    {
        if (model.Package.Manifest.FeatureService is not { } service)
        {
            return;
        }

        var named = new List<string>();
        foreach (var tensor in tensors)
        {
            named.AddRange(schema.Tensors[tensor].Features);
        }

        if (named.Count == 0)
        {
            return;
        }

        for (var i = 0; i < Math.Max(named.Count, service.Features.Count); i++)
        {
            var ours = i < named.Count ? named[i] : "nothing";
            var theirs = i < service.Features.Count ? service.Features[i].Name : "nothing";
            if (ours != theirs)
            {
                throw new MlpException(ErrorCodes.TensorMismatch, $"{schema.TypeName} has '{ours}' as column {i}; the model '{model.Name}' was trained with '{theirs}' there. The type has ({string.Join(", ", named)}); the feature service '{service.Name}' {service.Version} has ({Names(service)}).");
            }
        }
    }

    private static string Names(FeatureServiceReference service)
    {
        var names = new List<string>(service.Features.Count);
        foreach (var feature in service.Features)
        {
            names.Add(feature.Name);
        }

        return string.Join(", ", names);
    }

    private static int Find(RowSchema schema, string name)
    {
        for (var i = 0; i < schema.Tensors.Count; i++)
        {
            if (schema.Tensors[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    private static MlpException Mismatch(HostedModel model, RowSchema schema, string what) =>
        new(ErrorCodes.TensorMismatch, $"{schema.TypeName} {what}. The type is {schema}; the model '{model.Name}' is {model.Signature}.");
}
