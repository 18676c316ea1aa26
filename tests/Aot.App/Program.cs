using Mlp.Core;
using Mlp.Edge;
#if HOSTED
using Mlp.Inference;
#endif
using Mlp.Kernels;
#if !DEVICE_ONLY
using Mlp.Registry.Client;
#endif

// What a device does: a package is made and opened, its model read and run. One line a step; the test compares them all.
var folder = args[0];
var builder = new TreeEnsembleBuilder(featureCount: 2);
builder.BeginTree().Branch(NodeMode.LessOrEqual, feature: 0, threshold: 0.5f, trueChild: 1, falseChild: 2).Leaf(-1f).Leaf(1f);
builder.BeginTree().Branch(NodeMode.LessOrEqual, feature: 1, threshold: 2f, trueChild: 1, falseChild: 2, missingGoesTrue: true).Leaf(0.25f).Leaf(-0.5f);
var onnx = TreeEnsembleOnnx.BinaryClassifier(builder.Build(postTransform: PostTransform.Logistic));
new PackageBuilder()
    .Add("model.onnx", onnx.Write())
    .Write(folder, new PackageManifest { Name = "aot", Signature = onnx.Signature(), Labels = ["no", "yes"], License = "MIT" });

var package = ModelPackage.Open(folder);
Console.WriteLine($"package {package.Manifest.Name} {package.Manifest.Signature}");

var session = EdgeModel.Load(package.ModelPath).CreateSession(rowsMax: 2);
foreach (var row in (float[][])[[0f, 0f], [1f, 3f], [float.NaN, float.NaN]])
{
    Console.WriteLine(FormattableString.Invariant($"predict {session.Run(row, output: 1)[1]:R}"));
}

Console.WriteLine($"kernel {TreeWalks.Best.Name}");
try
{
    ModelPackage.Open(folder, expectedDigest: ContentDigest.Of([1, 2, 3]));
}
catch (PackageException e)
{
    Console.WriteLine($"refused {e.Code}");
}

#if !DEVICE_ONLY
// Nobody listens at port 1: the client has to say so in its own words.
using var client = new RegistryClient(new RegistryClientOptions { Server = new Uri("http://127.0.0.1:1/"), CacheFolder = folder + "-cache", RetriesMax = 0 });
try
{
    await client.ResolveAsync("aot", "production");
}
catch (RegistryException e)
{
    Console.WriteLine($"refused {e.Code}");
}
#endif

#if HOSTED
await using (var host = new ModelHost())
{
    var model = await host.LoadAsync(package, new HostedModelOptions { Runtime = RuntimeChoice.Edge });
    var predictor = new Predictor<TwoFeatures, YesNo>(model);
    var answers = await Task.WhenAll(predictor.PredictAsync(new TwoFeatures(0, 0)).AsTask(), predictor.PredictAsync(new TwoFeatures(1, 3)).AsTask());
    Console.WriteLine(FormattableString.Invariant($"hosted {answers[0].Yes:R} {answers[1].Yes:R} {predictor.Predict(new TwoFeatures(float.NaN, float.NaN)).Label}"));
}
#endif

#if PLANTED_FAULT
// A fault that the analysis has to find: the test builds it to see that it does.
Console.WriteLine(Type.GetType(args[0]));
#endif

#if HOSTED
[ModelInput("features")]
internal readonly partial record struct TwoFeatures(float First, float Second);

internal readonly partial record struct YesNo([ModelOutput("label")] long Label, [ModelOutput("probabilities", Column = 1)] float Yes);
#endif
