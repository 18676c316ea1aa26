using Mlp.Edge.Tests.Models;
using Mlp.Tests;

namespace Mlp.Edge.Tests;

/// <summary>
/// Models and pipelines that scikit-learn trained, against its own predictions and probabilities: the same class always, 1e-6 relative for trees,
/// 1e-5 for the others.
/// </summary>
public class SklearnTests
{
    private static readonly string Fixtures = Checkout.At("tests", "Mlp.Edge.Tests", "Oracle", "sklearn.zip");

    public static TheoryData<string> Names() => [.. new SklearnModels(Fixtures).Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_answers_as_scikit_learn_does(string name) => new SklearnModels(Fixtures).Check(name);

    [Theory]
    [InlineData("columns_logistic")]
    [InlineData("columns_forest")]
    [InlineData("svc_probability_multi")]
    [InlineData("imputed_minmax_logistic")]
    public void Nothing_is_allocated_once_a_pipeline_runs_over_texts_or_numbers(string name) => Assert.Equal(0, new SklearnModels(Fixtures).Allocated(name));

    [Fact]
    public async Task Models_that_are_trained_anew_answer_as_scikit_learn_does()
    {
        using var folder = new TemporaryFolder();
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        const string Reason = "scikit-learn and onnx for Python are missing; ./test installs them where it may (Debian, Ubuntu: apt-get install python3-sklearn python3-onnx).";
        if (!await HasPackages(python, folder.Path))
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Reason);
            Assert.Skip(Reason);
        }

        var file = folder.At("sklearn.zip");
        var run = await Command.RunAsync(python, folder.Path, [Checkout.At("tests", "Mlp.Edge.Tests", "Oracle", "make_sklearn.py"), file]);
        Assert.True(run.ExitCode == 0, run.Output);
        var models = new SklearnModels(file);
        Assert.Equal(new SklearnModels(Fixtures).Names, models.Names);
        Assert.All(models.Names, models.Check);
    }

    private static async Task<bool> HasPackages(string python, string folder)
    {
        try
        {
            return (await Command.RunAsync(python, folder, ["-c", "import onnx, sklearn"])).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
