namespace Mlp.Registry.Client;

/// <summary>How requests are sent: where to, as whom, how long and how often.</summary>
internal sealed record RegistryEndpoint(
    Uri Server, string? Token, HttpMessageHandler? Handler, TimeSpan RequestTimeout, TimeSpan TransferTimeout, int RetriesMax, TimeSpan RetryDelay, int AnswerBytesMax, TimeProvider Time);
