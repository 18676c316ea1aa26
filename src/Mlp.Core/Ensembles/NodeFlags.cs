namespace Mlp.Core;

/// <summary>What a node of a tree does with values that its question alone does not settle. Trainers differ here, and each node says whose rule it follows.</summary>
[Flags]
public enum NodeFlags : byte
{
    /// <summary>NaN goes the way of the question: of no comparison but <see cref="NodeMode.NotEqual"/> it is true, and it is in no set.</summary>
    None = 0,

    /// <summary>NaN counts as yes.</summary>
    MissingGoesTrue = 1,

    /// <summary>
    /// <c>|x| &lt;= 1e-35f</c> is missing as NaN is, and goes the same way (LightGBM's <c>missing_type</c> Zero). It is asked before the
    /// question: such an x goes to yes with <see cref="MissingGoesTrue"/>, else to no.
    /// </summary>
    ZeroIsMissing = 2,

    /// <summary>
    /// Of a set: x loses its fraction, towards zero, before it is looked up, so that 2.7 is 2 and −0.7 is 0 (LightGBM). Without it a
    /// fraction is in no set (ONNX).
    /// </summary>
    TruncatesFractions = 4,

    /// <summary>Of a set, beside <see cref="TruncatesFractions"/>: x below zero is in no set, −0.7 included (XGBoost).</summary>
    NegativesAreOutside = 8,
}
