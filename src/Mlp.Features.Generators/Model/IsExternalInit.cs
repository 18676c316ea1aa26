namespace System.Runtime.CompilerServices;

/// <summary>What <c>init</c> needs; netstandard2.0 does not have it.</summary>
internal static class IsExternalInit;
