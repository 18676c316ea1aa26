namespace Mlp.Edge;

/// <summary>One prepared operator: it knows its values and its weights, and decides nothing while it runs.</summary>
internal interface IEdgeOperator
{
    void Run(in EdgeFrame frame);
}
