using Mlp.Core;

namespace Mlp.Edge.Tests.LightGbm;

/// <summary>What runs where LightGBM itself does not.</summary>
public class LightGbmFileTests
{
    public static TheoryData<string> Names() => [.. LightGbmFile.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kept_model_answers_as_lightgbm_did(string name)
    {
        var file = LightGbmFile.Open(name);
        var model = LightGbmModel.Read(file.Text);
        var predictor = new TreePredictor(model.Ensemble);
        var count = file.Rows.Length / predictor.FeatureCount;
        Assert.True(count >= 20);

        var leaves = new int[count * predictor.TreeCount];
        predictor.Leaves(file.Rows, leaves);
        Assert.Equal(file.Leaves, leaves.Select((leaf, i) => (double)model.LeafOf(i % predictor.TreeCount, leaf)));
        var margins = new double[count * predictor.TargetCount];
        predictor.Margin(file.Rows, margins);
        Assert.Equal(file.Raw.Select(x => x / model.Ensemble.Divisor), margins);
        var predictions = new double[count * predictor.OutputCount];
        predictor.Predict(file.Rows, predictions);
        Assert.Equal(file.Predictions, predictions, (a, b) => a.Equals(b) || Math.Abs(a - b) <= 1e-12 * Math.Abs(a));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_kept_is_what_lightgbm_answers(string name)
    {
        LightGbmNative.Require();
        var file = LightGbmFile.Open(name);
        using var native = LightGbmNative.Load(file.Text);
        Assert.Equal(file.Raw, native.Predict(file.Rows, TrainingRows.Columns, LightGbmNative.Raw));
        Assert.Equal(file.Leaves, native.Predict(file.Rows, TrainingRows.Columns, LightGbmNative.LeafIndex));
        Assert.Equal(file.Predictions, native.Predict(file.Rows, TrainingRows.Columns, LightGbmNative.Normal), (a, b) => a.Equals(b) || Math.Abs(a - b) <= 1e-14 * Math.Abs(a));
    }

    // What is read of a damaged model is still a model: it predicts.
    [Theory]
    [MemberData(nameof(Names))]
    public void A_kept_model_with_other_numbers_is_refused_or_predicts(string name)
    {
        string[] numbers = ["-1", "0", "1", "3", "7", "2147483647", "-2147483648", "4294967295", "1e999", "-1e-35", "nan", "0.5", ""];
        var file = LightGbmFile.Open(name);
        int read = 0, refused = 0;
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var text = new List<byte>(file.Text);
            var start = text.FindIndex(random.Next(text.Count - 20), b => b is (byte)'=' or (byte)' ') + 1;
            var end = text.FindIndex(start, b => b is (byte)'\n' or (byte)' ');
            text.RemoveRange(start, end - start);
            text.InsertRange(start, System.Text.Encoding.ASCII.GetBytes(numbers[random.Next(numbers.Length)]));
            try
            {
                var predictor = new TreePredictor(LightGbmModel.Read([.. text]).Ensemble);
                if (predictor.FeatureCount == TrainingRows.Columns)
                {
                    var count = file.Rows.Length / predictor.FeatureCount;
                    predictor.Predict(file.Rows, new double[count * predictor.OutputCount]);
                    predictor.Leaves(file.Rows, new int[count * predictor.TreeCount]);
                    read++;
                }
            }
            catch (MlpException e)
            {
                Assert.Equal(ErrorCodes.ModelInvalid, e.Code);
                refused++;
            }
        }

        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }
}
