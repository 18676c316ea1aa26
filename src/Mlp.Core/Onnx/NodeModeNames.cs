namespace Mlp.Core;

/// <summary>The texts of <c>nodes_modes</c>, and the numbers that the newer operator has for them.</summary>
internal static class NodeModeNames
{
    /// <summary>BRANCH_MEMBER, which only the newer operator has.</summary>
    public const byte MemberCode = 6;

    private static readonly string[] Names = ["LEAF", "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

    public static string Name(NodeMode mode) => Names[(int)mode];

    public static NodeMode? Find(string name) => Array.IndexOf(Names, name) is var index and >= 0 ? (NodeMode)index : null;

    /// <summary>BRANCH_LEQ is 0; a leaf has no number.</summary>
    public static byte Code(NodeMode mode) => (byte)(mode - 1);

    public static NodeMode? Find(byte code) => code <= MemberCode ? (NodeMode)(code + 1) : null;
}
