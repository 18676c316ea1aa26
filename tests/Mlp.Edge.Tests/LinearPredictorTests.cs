using Mlp.Core;

namespace Mlp.Edge.Tests;

public class LinearPredictorTests
{
    [Fact]
    public void The_largest_margin_is_a_class_and_the_first_of_equals_wins()
    {
        var predictor = Predictor("multi:softmax");
        Assert.Equal((2, 2, 1), (predictor.FeatureCount, predictor.TargetCount, predictor.OutputCount));
        var classes = new float[3];
        predictor.Predict([1, 0, 0, 1, 0, 0], classes);
        Assert.Equal([0, 1, 0], classes);
    }

    [Fact]
    public void Rows_and_room_that_do_not_fit_are_refused()
    {
        foreach (var predictor in (LinearPredictor[])[Predictor("multi:softmax"), Predictor("multi:softprob")])
        {
            Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => predictor.Predict([1, 0, 0], new float[predictor.OutputCount])).Code);
            Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => predictor.Predict([1, 0], new float[predictor.OutputCount + 1])).Code);
            Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => predictor.Margin([1, 0], new float[1])).Code);
        }
    }

    [Fact]
    public void Nothing_is_allocated_for_an_answer()
    {
        foreach (var objective in (string[])["multi:softmax", "multi:softprob"])
        {
            var predictor = Predictor(objective);
            float[] rows = [1, 0, float.NaN, 1];
            var predictions = new float[2 * predictor.OutputCount];
            predictor.Predict(rows, predictions);
            var before = GC.GetAllocatedBytesForCurrentThread();
            predictor.Predict(rows, predictions);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static LinearPredictor Predictor(string objective) => new(XgboostModel.Read(System.Text.Encoding.UTF8.GetBytes("""
        {"learner":{"gradient_booster":{"model":{"boosted_rounds":1,"weights":[2,1,1,2,0,0]},"name":"gblinear"},
        "learner_model_param":{"base_score":"5E-1","num_class":"2","num_feature":"2"},"objective":{"name":"OBJECTIVE"}}}
        """.Replace("OBJECTIVE", objective, StringComparison.Ordinal))).Linear!);
}
