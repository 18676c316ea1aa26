namespace Mlp.Core;

/// <summary>A model package that is damaged (its files are not what the manifest states), invalid (the manifest states what it may not), or cannot be read or written.</summary>
public sealed class PackageException : MlpException
{
    /// <summary>Creates the error.</summary>
    /// <param name="code"><see cref="ErrorCodes.PackageDamaged"/>, <see cref="ErrorCodes.PackageInvalid"/> or <see cref="ErrorCodes.PackageUnavailable"/>.</param>
    /// <param name="path">The file concerned.</param>
    /// <param name="message">What was expected and what came.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public PackageException(string code, string path, string message, Exception? innerException = null)
        : base(code, $"{path}: {message}", innerException) => Path = path;

    /// <summary>The file concerned.</summary>
    public string Path { get; }
}
