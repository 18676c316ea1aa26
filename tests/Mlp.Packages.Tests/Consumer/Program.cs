using Mlp.Core;
using Mlp.Edge;
using Mlp.Inference;

// A new program that knows Mlp from its packages only.
var builder = new TreeEnsembleBuilder(featureCount: 1);
builder.BeginTree().Branch(NodeMode.LessOrEqual, feature: 0, threshold: 0.5f, trueChild: 1, falseChild: 2).Leaf(0f).Leaf(2f);
var onnx = TreeEnsembleOnnx.BinaryClassifier(builder.Build(postTransform: PostTransform.Logistic));
var model = EdgeModel.Load(onnx.Write());
Console.WriteLine(FormattableString.Invariant($"{model.CreateSession().Run([0.25f], output: 1)[1]:F4} {model.CreateSession().Run([0.75f], output: 1)[1]:F4}"));

// The generators came with their packages.
var package = new PackageBuilder().Add("model.onnx", onnx.Write()).Write("package", new PackageManifest { Name = "m", Signature = onnx.Signature() });
await using var host = new ModelHost();
var predictor = new Predictor<Row, Answer>(await host.LoadAsync(package, new HostedModelOptions { Runtime = RuntimeChoice.Edge }));
Console.WriteLine(FormattableString.Invariant($"{predictor.Predict(new Row(0.75f)).Yes:F4}"));
Console.WriteLine(Distance.SchemaDigest == Distance.Schema.Digest ? Distance.Schema.Canonical : "another digest");

[ModelInput("features")]
internal readonly partial record struct Row(float Value);

internal readonly partial record struct Answer([ModelOutput("probabilities", Column = 1)] float Yes);

[Mlp.Features.Entity("route")]
internal readonly partial record struct RouteKey(string Origin);

[Mlp.Features.FeatureView<RouteKey>("distances")]
internal readonly partial record struct Distance(float? Kilometres);
