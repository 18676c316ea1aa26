namespace Mlp.Core;

/// <summary>A file of a package by content.</summary>
/// <param name="Path">Relative path with forward slashes, below the package's folder.</param>
/// <param name="LengthBytes">Length in bytes.</param>
/// <param name="Digest">The digest of its bytes: <c>sha256:</c> and 64 hexadecimal digits.</param>
public sealed record PackageFile(string Path, long LengthBytes, string Digest);
