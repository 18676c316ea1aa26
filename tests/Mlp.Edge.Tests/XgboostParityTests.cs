using Mlp.Core;
using Mlp.Edge.Tests.Oracle;

namespace Mlp.Edge.Tests;

public class XgboostParityTests
{
    public static TheoryData<string> Cases => [.. XgboostCase.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_model_gives_xgboost_s_margins_to_the_bit_and_its_predictions_classes_and_leaves(string name) => XgboostParity.Check(XgboostCase.All[name]);

    [Fact]
    public async Task Models_that_xgboost_trains_now_from_other_numbers_hold_the_same()
    {
        using var folder = new TemporaryFolder();
        var archive = folder.At("xgboost.zip");
        await MakeAsync(archive, seed: 20261124);
        var cases = XgboostCase.Read(archive);
        Assert.Equal(XgboostCase.All.Keys, cases.Keys);
        Assert.All(cases.Values, XgboostParity.Check);
    }

    // Debian's Python, whichever other comes first on the PATH: python3-xgboost belongs to it.
    private static async Task MakeAsync(string archive, int seed)
    {
        const string Python = "/usr/bin/python3";
        if (!File.Exists(Python) || (await Command.RunAsync(Python, Checkout.Root, ["-c", "import sklearn, xgboost"])).ExitCode != 0)
        {
            const string Reason = "XGBoost or scikit-learn is missing (Debian, Ubuntu: apt-get install python3-xgboost python3-sklearn).";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Reason);
            Assert.Skip(Reason);
        }

        var made = await Command.RunAsync(Python, Checkout.Root, [Checkout.At("tests", "Mlp.Edge.Tests", "Oracle", "make_xgboost.py"), archive, $"{seed}"]);
        Assert.True(made.ExitCode == 0, made.Output);
    }
}
