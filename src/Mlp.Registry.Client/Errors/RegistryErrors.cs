namespace Mlp.Registry.Client;

/// <summary>The codes of <see cref="RegistryException"/>.</summary>
public static class RegistryErrors
{
    /// <summary>No answer: nobody listens, the time was up, or the server is failing; and nothing in the cache to go on with.</summary>
    public const string Unreachable = "registry.unreachable";

    /// <summary>The experiment, run, model, version, alias or package does not exist.</summary>
    public const string NotFound = "registry.not_found";

    /// <summary>The name is taken.</summary>
    public const string AlreadyExists = "registry.already_exists";

    /// <summary>The server refuses the request as wrong.</summary>
    public const string Invalid = "registry.invalid";

    /// <summary>The token is missing, wrong or not enough.</summary>
    public const string Unauthenticated = "registry.unauthenticated";

    /// <summary>The answer is not what a registry answers, or larger than allowed.</summary>
    public const string BadAnswer = "registry.bad_answer";

    /// <summary>The cache folder cannot be used, or what it holds is damaged and the server is away.</summary>
    public const string Cache = "registry.cache";
}
