using Microsoft.AspNetCore.Routing;

namespace Mlp.Registry.Server;

/// <summary><c>/mlflow/registered-models</c> and <c>/mlflow/model-versions</c>.</summary>
internal sealed class ModelRoutes(Answers answers, ModelStore models, VersionStore versions, AliasStore aliases)
{
    private const int ModelsUsual = 100;
    private const int ModelsMax = 1000;
    private const int VersionsUsual = 10_000;
    private const int VersionsMax = 200_000;
    private const int TextLengthMax = 5000;

    public void Map(IEndpointRouteBuilder routes)
    {
        MapModels(routes);
        MapAliases(routes);
        MapVersions(routes);
    }

    private void MapModels(IEndpointRouteBuilder routes)
    {
        var json = RegistryJson.Default;
        answers.Map(routes, "POST", "/mlflow/registered-models/create", json.RegisteredModelAnswer, async (fields, cancel) => new RegisteredModelAnswer(
            await models.CreateAsync(ModelNames.Model(fields), fields.TextOrNull("description", TextLengthMax), Tags.ReadAll(fields), cancel).ConfigureAwait(false)));
        answers.Map(routes, "GET", "/mlflow/registered-models/get", json.RegisteredModelAnswer, fields => new RegisteredModelAnswer(models.Get(fields.Text("name"))));
        answers.Map(routes, "GET", "/mlflow/registered-models/search", json.RegisteredModelsAnswer, fields =>
        {
            NameFilter.RefuseOrder(fields.Texts("order_by"), ModelStore.OwnOrder);
            return models.Search(NameFilter.Parse(fields.TextOrNull("filter")), fields.MaxResults(ModelsUsual, ModelsMax), fields.TextOrNull("page_token"));
        });
    }

    private void MapAliases(IEndpointRouteBuilder routes)
    {
        var json = RegistryJson.Default;
        answers.Map(routes, "POST", "/mlflow/registered-models/alias", json.Nothing, (fields, cancel) =>
            aliases.SetAsync(fields.Text("name"), ModelNames.Alias(fields), ModelNames.Version(fields), cancel));
        answers.Map(routes, "DELETE", "/mlflow/registered-models/alias", json.Nothing, (fields, cancel) =>
            aliases.DeleteAsync(fields.Text("name"), fields.Text("alias"), cancel));
        answers.Map(routes, "GET", "/mlflow/registered-models/alias", json.ModelVersionAnswer, fields =>
            new ModelVersionAnswer(aliases.Get(fields.Text("name"), fields.Text("alias"))));
    }

    private void MapVersions(IEndpointRouteBuilder routes)
    {
        var json = RegistryJson.Default;
        answers.Map(routes, "POST", "/mlflow/model-versions/create", json.ModelVersionAnswer, async (fields, cancel) => new ModelVersionAnswer(await versions.CreateAsync(
            fields.Text("name"), ModelNames.Source(fields), fields.TextOrNull("run_id", TextLengthMax), fields.TextOrNull("run_link", TextLengthMax),
            fields.TextOrNull("description", TextLengthMax), Tags.ReadAll(fields), cancel).ConfigureAwait(false)));
        answers.Map(routes, "GET", "/mlflow/model-versions/get", json.ModelVersionAnswer, fields =>
            new ModelVersionAnswer(versions.Get(fields.Text("name"), ModelNames.Version(fields))));
        answers.Map(routes, "GET", "/mlflow/model-versions/search", json.ModelVersionsAnswer, fields =>
        {
            NameFilter.RefuseOrder(fields.Texts("order_by"), VersionStore.OwnOrder);
            return versions.Search(NameFilter.Parse(fields.TextOrNull("filter")), fields.MaxResults(VersionsUsual, VersionsMax), fields.TextOrNull("page_token"));
        });
        answers.Map(routes, "DELETE", "/mlflow/model-versions/delete", json.Nothing, (fields, cancel) =>
            versions.DeleteAsync(fields.Text("name"), ModelNames.Version(fields), cancel));
    }
}
