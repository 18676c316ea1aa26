using Mlp.Core;
using Mlp.Edge;

// A new program that knows Mlp from its packages only.
var builder = new TreeEnsembleBuilder(featureCount: 1);
builder.BeginTree().Branch(NodeMode.LessOrEqual, feature: 0, threshold: 0.5f, trueChild: 1, falseChild: 2).Leaf(0f).Leaf(2f);
var model = EdgeModel.Load(TreeEnsembleOnnx.BinaryClassifier(builder.Build(postTransform: PostTransform.Logistic)).Write());
Console.WriteLine(FormattableString.Invariant($"{model.CreateSession().Run([0.25f], output: 1)[1]:F4} {model.CreateSession().Run([0.75f], output: 1)[1]:F4}"));
