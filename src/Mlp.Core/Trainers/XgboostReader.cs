using System.Globalization;

namespace Mlp.Core;

/// <summary>Reads what an XGBoost file says, whichever of its two formats it is in. Names that are not known are passed over.</summary>
internal static class XgboostReader
{
    private static readonly string OldFormat =
        "The file is no XGBoost model in JSON or UBJ. A model in XGBoost's old binary format (.model, .bin, .deprecated) must be saved again: booster.save_model(\"model.json\") or \"model.ubj\".";

    public static XgboostDocument Read(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith("\uFEFF"u8))
        {
            file = file[3..];
        }

        var text = file.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] != '{')
        {
            throw new MlpException(ErrorCodes.ModelInvalid, file.IsEmpty ? "The file is empty; expected an XGBoost model in JSON or UBJ." : OldFormat);
        }

        // After its first brace JSON has a name, white space or a second brace; UBJ has the type of a length, or $ or #, and has no white space before it.
        var isJson = text.Length != file.Length || text.Length == 1 || text[1] is (byte)'"' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'}';
        if (isJson)
        {
            var json = new JsonTokens(file);
            return Document(ref json);
        }

        var ubj = new UbjTokens(file);
        return Document(ref ubj);
    }

    private static XgboostDocument Document<T>(ref T tokens)
        where T : struct, IModelTokens, allows ref struct
    {
        var document = new XgboostDocument();
        var isModel = false;
        tokens.Object("model");
        while (tokens.Name())
        {
            if (tokens.Is("learner"u8))
            {
                Learner(ref tokens, document);
                isModel = true;
            }
            else if (tokens.Is("version"u8))
            {
                document.Version = tokens.NextIntegers("version") is [>= 0 and var major, >= 0 and var minor, ..] ? new Version(major, minor) : new Version();
            }
            else
            {
                tokens.SkipNext();
            }
        }

        // The last token of a whole document is nothing: bytes after the model are no model.
        tokens.Next();
        return isModel ? document : throw new MlpException(ErrorCodes.ModelInvalid, "The file has no 'learner', which every model that booster.save_model writes has; a snapshot or a configuration is no model.");
    }

    private static void Learner<T>(ref T tokens, XgboostDocument document)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Object("learner");
        while (tokens.Name())
        {
            if (tokens.Is("attributes"u8))
            {
                Attributes(ref tokens, document);
            }
            else if (tokens.Is("feature_names"u8))
            {
                document.FeatureNames = tokens.NextTexts("feature_names");
            }
            else if (tokens.Is("feature_types"u8))
            {
                document.FeatureTypes = tokens.NextTexts("feature_types");
            }
            else if (tokens.Is("gradient_booster"u8))
            {
                tokens.Object("gradient_booster");
                Booster(ref tokens, document);
            }
            else if (tokens.Is("learner_model_param"u8))
            {
                Parameters(ref tokens, document);
            }
            else if (tokens.Is("objective"u8))
            {
                document.ObjectiveName = NameWithin(ref tokens, "objective");
            }
            else
            {
                tokens.SkipNext();
            }
        }
    }

    private static void Attributes<T>(ref T tokens, XgboostDocument document)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Object("attributes");
        while (tokens.Name())
        {
            if (tokens.Is("best_iteration"u8))
            {
                document.BestIteration = tokens.NextText("best_iteration");
            }
            else
            {
                tokens.SkipNext();
            }
        }
    }

    private static void Parameters<T>(ref T tokens, XgboostDocument document)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Object("learner_model_param");
        while (tokens.Name())
        {
            if (tokens.Is("base_score"u8))
            {
                document.BaseScore = BaseScore(ref tokens);
            }
            else if (tokens.Is("num_feature"u8))
            {
                document.FeatureCount = tokens.NextCount("num_feature");
            }
            else if (tokens.Is("num_class"u8))
            {
                document.ClassCount = tokens.NextCount("num_class");
            }
            else if (tokens.Is("num_target"u8))
            {
                document.TargetCount = tokens.NextCount("num_target");
            }
            else
            {
                tokens.SkipNext();
            }
        }
    }

    // A text with a number up to 3.0 and with a list of numbers in brackets since 3.1.
    private static string BaseScore<T>(ref T tokens)
        where T : struct, IModelTokens, allows ref struct =>
        tokens.Next() == ModelToken.Number ? tokens.Float().ToString("R", CultureInfo.InvariantCulture)
        : tokens.Token == ModelToken.Text ? tokens.Text()
        : throw new MlpException(ErrorCodes.ModelInvalid, "The model's base_score is neither a text nor a number.");

    // The object is begun already. Dart holds the booster of its trees within itself.
    private static void Booster<T>(ref T tokens, XgboostDocument document)
        where T : struct, IModelTokens, allows ref struct
    {
        while (tokens.Name())
        {
            if (tokens.Is("name"u8))
            {
                document.BoosterName = tokens.NextText("name");
            }
            else if (tokens.Is("gbtree"u8))
            {
                GbTree(ref tokens, document);
            }
            else if (tokens.Is("weight_drop"u8))
            {
                document.TreeWeights = tokens.NextFloats("weight_drop");
            }
            else if (tokens.Is("model"u8))
            {
                Model(ref tokens, document);
            }
            else
            {
                tokens.SkipNext();
            }
        }
    }

    private static void GbTree<T>(ref T tokens, XgboostDocument document)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Object("gbtree");
        while (tokens.Name())
        {
            if (tokens.Is("model"u8))
            {
                Model(ref tokens, document);
            }
            else
            {
                tokens.SkipNext();
            }
        }
    }

    private static void Model<T>(ref T tokens, XgboostDocument document)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Object("model");
        while (tokens.Name())
        {
            if (tokens.Is("gbtree_model_param"u8))
            {
                TreeParameters(ref tokens, document);
            }
            else if (tokens.Is("trees"u8))
            {
                tokens.Array("trees");
                while (tokens.Next() == ModelToken.ObjectStart)
                {
                    document.Trees.Add(Tree(ref tokens, document.Trees.Count));
                }

                if (tokens.Token != ModelToken.ArrayEnd)
                {
                    throw new MlpException(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"Tree {document.Trees.Count} is no object, at byte {tokens.Position}."));
                }
            }
            else if (tokens.Is("tree_info"u8))
            {
                document.TreeInfo = tokens.NextIntegers("tree_info");
            }
            else if (tokens.Is("iteration_indptr"u8))
            {
                document.IterationStarts = tokens.NextIntegers("iteration_indptr");
            }
            else if (tokens.Is("weights"u8))
            {
                document.LinearWeights = tokens.NextFloats("weights");
            }
            else if (tokens.Is("boosted_rounds"u8))
            {
                document.LinearRounds = tokens.NextCount("boosted_rounds");
            }
            else
            {
                tokens.SkipNext();
            }
        }
    }

    private static XgboostTree Tree<T>(ref T tokens, int index)
        where T : struct, IModelTokens, allows ref struct
    {
        try
        {
            return XgboostTreeReader.Read(ref tokens, index);
        }
        catch (MlpException e) when (!e.Message.StartsWith("Tree ", StringComparison.Ordinal))
        {
            throw new MlpException(e.Code, $"Tree {index}: {e.Message}", e);
        }
    }

    private static void TreeParameters<T>(ref T tokens, XgboostDocument document)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Object("gbtree_model_param");
        while (tokens.Name())
        {
            if (tokens.Is("num_trees"u8))
            {
                document.TreeCount = tokens.NextCount("num_trees");
            }
            else if (tokens.Is("num_parallel_tree"u8))
            {
                document.ParallelTrees = tokens.NextCount("num_parallel_tree");
            }
            else
            {
                tokens.SkipNext();
            }
        }
    }

    private static string? NameWithin<T>(ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct
    {
        string? name = null;
        tokens.Object(what);
        while (tokens.Name())
        {
            if (tokens.Is("name"u8))
            {
                name = tokens.NextText("name");
            }
            else
            {
                tokens.SkipNext();
            }
        }

        return name;
    }
}
