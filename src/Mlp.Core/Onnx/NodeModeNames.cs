namespace Mlp.Core;

/// <summary>The texts of <c>nodes_modes</c>.</summary>
internal static class NodeModeNames
{
    private static readonly string[] Names = ["LEAF", "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

    public static string Name(NodeMode mode) => Names[(int)mode];

    public static NodeMode? Find(string name) => Array.IndexOf(Names, name) is var index and >= 0 ? (NodeMode)index : null;
}
