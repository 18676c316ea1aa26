using System.Globalization;
using System.Text.Json;

namespace Mlp.Core;

/// <summary>Reads <c>mlp.json</c> token by token; every message names the property and its offset.</summary>
internal ref struct PackageManifestReader
{
    private readonly PackageLimits _limits;
    private PackageJson _json;

    private PackageManifestReader(ReadOnlySpan<byte> utf8, PackageLimits limits, string path)
    {
        _limits = limits;
        _json = new PackageJson(utf8, depthMax: 16, path);
    }

    private delegate T Element<T>(scoped ref PackageManifestReader reader);

    public static PackageManifest Read(ReadOnlySpan<byte> utf8, PackageLimits limits, string path)
    {
        if (utf8.Length > limits.ManifestBytesMax)
        {
            throw new PackageException(ErrorCodes.PackageInvalid, path, $"the manifest has {utf8.Length} bytes, more than the {limits.ManifestBytesMax} allowed.");
        }

        var reader = new PackageManifestReader(utf8, limits, path);
        try
        {
            return reader.ReadManifest();
        }
        catch (JsonException e)
        {
            throw PackageJson.NoJson(e, path);
        }
        catch (InvalidOperationException e)
        {
            throw reader._json.NoText(e);
        }
    }

    private PackageManifest ReadManifest()
    {
        long? format = null;
        string? name = null, model = null, profile = null, evaluation = null, golden = null, description = null, license = null;
        ModelSignature? signature = null;
        List<string>? labels = null;
        FeatureServiceReference? service = null;
        ModelLineage? lineage = null;
        List<PackageFile>? files = null;

        _json.Next();
        _json.Expect(JsonTokenType.StartObject, "the manifest");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "format": format = Number(property); break;
                case "name": name = Text(property); break;
                case "model": model = Text(property); break;
                case "description": description = Text(property); break;
                case "license": license = Text(property); break;
                case "profile": profile = Text(property); break;
                case "evaluation": evaluation = Text(property); break;
                case "golden": golden = Text(property); break;
                case "signature": signature = ReadSignature(); break;
                case "labels": labels = List(property, static (scoped ref r) => r.CurrentText("a label")); break;
                case "featureService": service = ReadFeatureService(); break;
                case "lineage": lineage = ReadLineage(); break;
                case "files": files = List(property, static (scoped ref r) => r.ReadFile()); break;
                default: _json.Skip(); break;
            }
        }

        CheckEnd(format);
        if (!PackagePath.IsName(name))
        {
            throw _json.Invalid($"the name '{name}'; expected 1 to 128 letters, digits, '.', '-', '_'");
        }

        var manifest = new PackageManifest
        {
            Name = name!,
            ModelFile = model ?? "model.onnx",
            Signature = signature ?? throw _json.Invalid("no 'signature'"),
            Labels = labels ?? [],
            License = license ?? "",
            Description = description ?? "",
            FeatureService = service,
            Lineage = lineage,
            ProfileFile = profile,
            EvaluationFile = evaluation,
            GoldenFile = golden,
            Files = files ?? throw _json.Invalid("no 'files'"),
        };
        CheckFiles(manifest);
        return manifest;
    }

    private void CheckEnd(long? format)
    {
        if (_json.Token.Read())
        {
            throw _json.Invalid("something after the manifest's end");
        }

        if (format != PackageManifest.CurrentFormat)
        {
            throw _json.Invalid($"format {format?.ToString(CultureInfo.InvariantCulture) ?? "(missing)"}; this library reads format {PackageManifest.CurrentFormat}");
        }
    }

    private readonly void CheckFiles(PackageManifest manifest)
    {
        var paths = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in manifest.Files)
        {
            if (!paths.Add(file.Path))
            {
                throw _json.Invalid($"the file '{file.Path}' twice (names are compared without case, as some file systems do)");
            }
        }

        foreach (var named in (string?[])[manifest.ModelFile, manifest.ProfileFile, manifest.EvaluationFile, manifest.GoldenFile])
        {
            if (named is not null && !paths.Contains(named))
            {
                throw _json.Invalid($"the file '{named}', which 'files' does not list");
            }
        }
    }

    private ModelSignature ReadSignature()
    {
        List<TensorSpec>? inputs = null, outputs = null;
        _json.Next();
        _json.Expect(JsonTokenType.StartObject, "signature");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "inputs": inputs = List(property, static (scoped ref r) => r.ReadTensor()); break;
                case "outputs": outputs = List(property, static (scoped ref r) => r.ReadTensor()); break;
                default: _json.Skip(); break;
            }
        }

        if (inputs is null || outputs is null)
        {
            throw _json.Invalid("a signature without 'inputs' or 'outputs'");
        }

        try
        {
            return new ModelSignature(inputs.ToArray(), outputs.ToArray());
        }
        catch (MlpException e) when (e is not PackageException)
        {
            throw _json.Invalid(e.Message, e);
        }
    }

    private TensorSpec ReadTensor()
    {
        string? name = null;
        string? type = null;
        List<TensorDimension>? shape = null;
        var isAnyShape = false;
        _json.Expect(JsonTokenType.StartObject, "a tensor");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "name": name = Text(property); break;
                case "type": type = Text(property); break;
                case "shape":
                    shape = ListOrNull(property, static (scoped ref r) => r.Dimension());
                    isAnyShape = shape is null;
                    break;
                default: _json.Skip(); break;
            }
        }

        if (string.IsNullOrEmpty(name) || type is null || (shape is null && !isAnyShape))
        {
            throw _json.Invalid("a tensor without 'name', 'type' or 'shape'");
        }

        if (ValueForm.TryParse(type, out var form) && form.Kind != ValueKind.Tensor)
        {
            return new TensorSpec(name, form);
        }

        if (!ElementTypes.TryParse(type, out var element))
        {
            throw _json.Invalid($"the element type '{type}'");
        }

        return shape is null ? TensorSpec.OfAnyShape(name, element) : new TensorSpec(name, element, shape.ToArray());
    }

    private readonly TensorDimension Dimension()
    {
        if (_json.Token.TokenType == JsonTokenType.String)
        {
            return TensorDimension.Free(_json.Token.GetString()!);
        }

        _json.Expect(JsonTokenType.Number, "a dimension");
        return _json.Token.TryGetInt64(out var length) && length >= 0
            ? TensorDimension.Fixed(length)
            : throw _json.Invalid("a dimension that is no length; expected a number of at least 0 or a name");
    }

    private FeatureServiceReference ReadFeatureService()
    {
        string? name = null, version = null, digest = null;
        List<FeatureReference>? features = null;
        _json.Next();
        _json.Expect(JsonTokenType.StartObject, "featureService");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "name": name = Text(property); break;
                case "version": version = Text(property); break;
                case "digest": digest = Text(property); break;
                case "features": features = List(property, static (scoped ref r) => r.ReadFeature()); break;
                default: _json.Skip(); break;
            }
        }

        return name is null || version is null || digest is null || features is null
            ? throw _json.Invalid("a featureService without 'name', 'version', 'digest' or 'features'")
            : new FeatureServiceReference(name, version, digest, features);
    }

    private FeatureReference ReadFeature()
    {
        string? name = null;
        ElementType type = default;
        _json.Expect(JsonTokenType.StartObject, "a feature");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "name": name = Text(property); break;
                case "type": type = Type(property); break;
                default: _json.Skip(); break;
            }
        }

        return name is null || type == default ? throw _json.Invalid("a feature without 'name' or 'type'") : new FeatureReference(name, type);
    }

    private ModelLineage ReadLineage()
    {
        string commit = "", run = "";
        DateTimeOffset trainedAt = default;
        List<DataDigest>? data = null;
        _json.Next();
        _json.Expect(JsonTokenType.StartObject, "lineage");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "codeCommit": commit = Text(property); break;
                case "run": run = Text(property); break;
                case "trainedAt":
                    _json.Next();
                    _json.Expect(JsonTokenType.String, property);
                    trainedAt = _json.Token.TryGetDateTimeOffset(out var time) ? time : throw _json.Invalid("a 'trainedAt' that is no ISO 8601 time");
                    break;
                case "data": data = List(property, static (scoped ref r) => r.ReadData()); break;
                default: _json.Skip(); break;
            }
        }

        return new ModelLineage(commit, run, trainedAt, data ?? []);
    }

    private DataDigest ReadData()
    {
        string? name = null, digest = null;
        _json.Expect(JsonTokenType.StartObject, "a data set");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "name": name = Text(property); break;
                case "digest": digest = Text(property); break;
                default: _json.Skip(); break;
            }
        }

        return name is null || !ContentDigest.IsWellFormed(digest)
            ? throw _json.Invalid("a data set without 'name' or a well-formed 'digest'")
            : new DataDigest(name, digest!);
    }

    private PackageFile ReadFile()
    {
        string? path = null, digest = null;
        long length = -1;
        _json.Expect(JsonTokenType.StartObject, "a file");
        while (_json.NextProperty() is { } property)
        {
            switch (property)
            {
                case "path": path = Text(property); break;
                case "length": length = Number(property); break;
                case "digest": digest = Text(property); break;
                default: _json.Skip(); break;
            }
        }

        if (!PackagePath.IsSafe(path) || string.Equals(path, PackageManifest.FileName, StringComparison.OrdinalIgnoreCase))
        {
            throw _json.Invalid($"the file path '{path}'; expected a relative path of names divided by '/'");
        }

        return length < 0 || length > _limits.FileBytesMax || !ContentDigest.IsWellFormed(digest)
            ? throw _json.Invalid($"the file '{path}' with length {length} and digest '{digest}'; expected 0 to {_limits.FileBytesMax} bytes and sha256: with 64 digits")
            : new PackageFile(path!, length, digest!);
    }

    private List<T> List<T>(string property, Element<T> element)
    {
        _json.Next();
        return Entries(property, element);
    }

    private List<T>? ListOrNull<T>(string property, Element<T> element)
    {
        _json.Next();
        return _json.Token.TokenType == JsonTokenType.Null ? null : Entries(property, element);
    }

    private List<T> Entries<T>(string property, Element<T> element)
    {
        _json.Expect(JsonTokenType.StartArray, property);
        var list = new List<T>();
        while (true)
        {
            _json.Next();
            if (_json.Token.TokenType == JsonTokenType.EndArray)
            {
                return list;
            }

            if (list.Count == _limits.ListEntriesMax)
            {
                throw _json.Invalid($"more than {_limits.ListEntriesMax} entries in '{property}'");
            }

            list.Add(element(ref this));
        }
    }

    private ElementType Type(string property)
    {
        var text = Text(property);
        return ElementTypes.TryParse(text, out var type) ? type : throw _json.Invalid($"the element type '{text}'");
    }

    private string Text(string property)
    {
        _json.Next();
        return CurrentText(property);
    }

    private readonly string CurrentText(string property)
    {
        _json.Expect(JsonTokenType.String, property);
        return _json.Token.GetString()!;
    }

    private long Number(string property)
    {
        _json.Next();
        _json.Expect(JsonTokenType.Number, property);
        return _json.Token.TryGetInt64(out var value) ? value : throw _json.Invalid($"a '{property}' that is no 64-bit integer");
    }
}
