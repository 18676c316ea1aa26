namespace Mlp.Core;

/// <summary>Which trees of an XGBoost file are used where early stopping left more than the best ones.</summary>
public enum XgboostTrees : byte
{
    /// <summary>
    /// Those up to the iteration that early stopping found best (<c>best_iteration</c>); all where it says nothing. What XGBoost's
    /// scikit-learn classes (<c>XGBClassifier.predict</c> and the like) use.
    /// </summary>
    Best,

    /// <summary>All of them. What XGBoost's own <c>Booster.predict</c> and <c>Booster.inplace_predict</c> use unless told an <c>iteration_range</c>.</summary>
    All,
}
