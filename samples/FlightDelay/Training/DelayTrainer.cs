using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Transforms;

namespace FlightDelay.Training;

/// <summary>Trains the model and the baseline it has to beat.</summary>
internal sealed class DelayTrainer
{
    public const int Trees = 200;
    public const int Leaves = 31;
    public const double LearningRate = 0.15;
    public const int RowsPerLeafMin = 50;

    // One seed for all that ML.NET draws: two trainings of the same rows give the same model.
    private readonly MLContext _ml = new(seed: 2001);
    private readonly SchemaDefinition _schema;

    public DelayTrainer(int columns)
    {
        _schema = SchemaDefinition.Create(typeof(Row));
        _schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, columns);
    }

    /// <summary>What decides the model beside its rows, for the run's parameters and the step's key.</summary>
    public static IReadOnlyDictionary<string, string> Parameters { get; } = new Dictionary<string, string>
    {
        ["trainer"] = "ML.NET FastTree",
        ["trees"] = $"{Trees}",
        ["leaves"] = $"{Leaves}",
        ["learning_rate"] = FormattableString.Invariant($"{LearningRate}"),
        ["rows_per_leaf_min"] = $"{RowsPerLeafMin}",
    };

    /// <summary>Gradient-boosted trees with a calibrated probability.</summary>
    public BinaryPredictionTransformer<Microsoft.ML.Calibrators.CalibratedModelParametersBase<FastTreeBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>> TrainTrees(LabelledRows rows) =>
        _ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = Trees,
            NumberOfLeaves = Leaves,
            LearningRate = LearningRate,
            MinimumExampleCountPerLeaf = RowsPerLeafMin,
        }).Fit(View(rows));

    /// <summary>Logistic regression on the same features, normalised, their missing values replaced by the mean.</summary>
    public ITransformer TrainLogisticRegression(LabelledRows rows) =>
        _ml.Transforms.ReplaceMissingValues(nameof(Row.Features), replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean)
            .Append(_ml.Transforms.NormalizeMeanVariance(nameof(Row.Features)))
            .Append(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression())
            .Fit(View(rows));

    /// <summary>The trainer's own probabilities, in the order of the rows.</summary>
    public float[] Predict(ITransformer model, LabelledRows rows) =>
        [.. _ml.Data.CreateEnumerable<Prediction>(model.Transform(View(rows)), reuseRowObject: true, ignoreMissingColumns: true).Select(p => p.Probability)];

    private IDataView View(LabelledRows rows) =>
        _ml.Data.LoadFromEnumerable(rows.Features.Zip(rows.Labels, (features, label) => new Row { Features = features, Label = label }), _schema);

    private sealed class Row
    {
        public bool Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class Prediction
    {
        public float Probability { get; set; }
    }
}
