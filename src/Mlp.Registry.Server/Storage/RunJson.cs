using System.Text.Json.Serialization;

namespace Mlp.Registry.Server;

/// <summary>The lists that are stored as JSON.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(List<KeyValue>))]
internal sealed partial class RunJson : JsonSerializerContext;
