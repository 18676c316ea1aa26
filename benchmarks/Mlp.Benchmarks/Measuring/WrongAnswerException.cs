namespace Mlp.Benchmarks;

/// <summary>Ours and the peer's disagree: a failure, not a figure.</summary>
internal sealed class WrongAnswerException(string message) : Exception(message);
