namespace Mlp.Core;

/// <summary>A document of objects, arrays, texts and numbers, token by token. JSON and UBJ look the same through it.</summary>
/// <remarks>Whatever is wrong with the bytes, <see cref="MlpException"/> is what a reader throws; it never asks for more memory than the bytes that it has read justify.</remarks>
internal interface IModelTokens
{
    /// <summary>Objects and arrays within each other; XGBoost's files have seven.</summary>
    public const int DepthMax = 32;

    /// <summary>The token read last.</summary>
    ModelToken Token { get; }

    /// <summary>Where the token read last begins, in bytes.</summary>
    long Position { get; }

    /// <summary>Reads the next token.</summary>
    ModelToken Next();

    /// <summary>Passes over the value that the token read last begins, so that its last token becomes the token read last.</summary>
    void Skip();

    /// <summary>Whether the name or text read last is this.</summary>
    bool Is(ReadOnlySpan<byte> text);

    /// <summary>The name or text read last.</summary>
    string Text();

    /// <summary>The number read last as an integer.</summary>
    long Integer();

    /// <summary>The number read last as a float: the nearest one. A finite number beyond floats is refused.</summary>
    float Float();
}
