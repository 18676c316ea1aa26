namespace Mlp.Core;

/// <summary>XGBoost's kinds of boosters.</summary>
public enum XgboostBooster : byte
{
    /// <summary>Trees that are summed.</summary>
    GbTree,

    /// <summary>Trees that are summed, each multiplied by a weight of its own, as dropping trees in training left it.</summary>
    Dart,

    /// <summary>A linear model.</summary>
    GbLinear,
}
