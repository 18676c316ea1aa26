namespace Mlp.Registry.Server;

/// <summary>MLflow's view types as life cycle stages.</summary>
internal static class Stages
{
    public static string Of(Fields fields, string name) => fields.TextOrNull(name) switch
    {
        null or "" or "ACTIVE_ONLY" => "active",
        "DELETED_ONLY" => "deleted",
        "ALL" => "all",
        { } other => throw RegistryFault.WrongValue(name, other, "ACTIVE_ONLY, DELETED_ONLY or ALL"),
    };

    /// <summary>Refuses a filter where none is supported: to ignore it would answer another question.</summary>
    public static void RefuseFilter(Fields fields)
    {
        if (fields.TextOrNull("filter") is { } filter && !string.IsNullOrWhiteSpace(filter))
        {
            throw RegistryFault.WrongValue("filter", filter, "no filter, which this server does not support here");
        }
    }
}
