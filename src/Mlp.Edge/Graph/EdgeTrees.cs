using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>An ensemble of trees that an operator of a model runs.</summary>
/// <param name="Operator">The operator, with its name where it has one.</param>
/// <param name="Ensemble">The trees.</param>
/// <param name="Layout">How rows of floats are walked, and what a row took in the trial when the model was loaded; null for the plain walk over the ensemble.</param>
public sealed record EdgeTrees(string Operator, TreeEnsemble Ensemble, TreeLayout? Layout);
