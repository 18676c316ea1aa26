namespace Mlp.Core;

/// <summary>What is done with a row's raw scores <c>x</c> at the end. Whether it is applied over floats or doubles, it gives one number a target but for <see cref="ArgMax"/>.</summary>
public enum PostTransform : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>1 / (1 + exp(−s·x)) of each, s being <see cref="EnsembleOutput.LogisticScale"/>. ONNX's LOGISTIC, XGBoost's binary:logistic, LightGBM's binary and multiclassova.</summary>
    Logistic,

    /// <summary>exp(x) over the sum of exp, with the largest subtracted first. ONNX's SOFTMAX, multi:softprob, multiclass.</summary>
    Softmax,

    /// <summary>As <see cref="Softmax"/>, but a score within 1e-7 of zero stays out of the sum and is only scaled by exp(−largest). ONNX's SOFTMAX_ZERO as ONNX Runtime computes it.</summary>
    SoftmaxZero,

    /// <summary>
    /// √2 · erf⁻¹(2x − 1) of each, the inverse of the normal distribution's function, by Winitzki's approximation with a = 0.147. ONNX's
    /// PROBIT as ONNX Runtime computes it; NaN outside 0 to 1.
    /// </summary>
    Probit,

    /// <summary>exp(x) of each. XGBoost's count:poisson, reg:gamma, reg:tweedie, survival:cox and survival:aft; LightGBM's poisson, gamma and tweedie.</summary>
    Exp,

    /// <summary>1 where x &gt; 0, else 0. XGBoost's binary:hinge.</summary>
    Hinge,

    /// <summary>One number a row: the index of the largest, the first of equals. XGBoost's multi:softmax.</summary>
    ArgMax,

    /// <summary>sign(x) · x² of each. LightGBM's regression with reg_sqrt.</summary>
    SignedSquare,

    /// <summary>log(1 + exp(x)) of each. LightGBM's cross_entropy_lambda.</summary>
    LogOnePlusExp,

    /// <summary><see cref="Logistic"/> of each, then each over their sum. ML.NET's one-versus-all.</summary>
    OneAgainstAll,
}
