using Microsoft.AspNetCore.Routing;

namespace Mlp.Registry.Server;

/// <summary><c>/mlflow/experiments</c>.</summary>
internal sealed class ExperimentRoutes(Answers answers, ExperimentStore experiments)
{
    private const int ResultsUsual = 1000;
    private const int ResultsMax = 50_000;
    private const int NameLengthMax = 500;
    private const int LocationLengthMax = 500;

    public void Map(IEndpointRouteBuilder routes)
    {
        var json = RegistryJson.Default;
        answers.Map(routes, "POST", "/mlflow/experiments/create", json.ExperimentIdAnswer, async (fields, cancel) =>
        {
            var name = fields.Text("name");
            if (name.Length > NameLengthMax)
            {
                throw RegistryFault.Invalid($"'name' exceeds the maximum length of {NameLengthMax} characters");
            }

            return new ExperimentIdAnswer(await experiments.CreateAsync(name, fields.TextOrNull("artifact_location", LocationLengthMax), Tags.ReadAll(fields), cancel).ConfigureAwait(false));
        });
        answers.Map(routes, "GET", "/mlflow/experiments/get", json.ExperimentAnswer, fields => new ExperimentAnswer(experiments.Get(fields.Text("experiment_id"))));
        answers.Map(routes, "GET", "/mlflow/experiments/get-by-name", json.ExperimentAnswer, fields => new ExperimentAnswer(experiments.GetByName(fields.Text("experiment_name"))));
        answers.Map(routes, "GET", "/mlflow/experiments/search", json.ExperimentsAnswer, Search);
        answers.Map(routes, "POST", "/mlflow/experiments/search", json.ExperimentsAnswer, Search);
    }

    private ExperimentsAnswer Search(Fields fields)
    {
        Stages.RefuseFilter(fields);
        NameFilter.RefuseOrder(fields.Texts("order_by"), ExperimentStore.OwnOrder);
        return experiments.Search(Stages.Of(fields, "view_type"), fields.MaxResults(ResultsUsual, ResultsMax), fields.TextOrNull("page_token"));
    }
}
