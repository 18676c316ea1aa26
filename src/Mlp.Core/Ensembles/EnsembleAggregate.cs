namespace Mlp.Core;

/// <summary>How the leaves of all trees become one number a target.</summary>
public enum EnsembleAggregate : byte
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their sum divided by the number of trees.</summary>
    Average,

    /// <summary>The smallest.</summary>
    Min,

    /// <summary>The largest.</summary>
    Max,
}
