using Microsoft.ML;
using Microsoft.ML.Calibrators;
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

    // FastTree reports nothing while it grows trees but a line of its log before each.
    private const string TreeSource = "FastTreeTraining";
    private const string TreeMessage = "numTotalTrees left";

    // One seed for all that ML.NET draws: two trainings of the same rows give the same model.
    private readonly MLContext _ml = new(seed: 2001);
    private readonly SchemaDefinition _schema;
    private readonly CancellationToken _cancellationToken;
    private Action _beforeTree = static () => { };

    /// <param name="columns">Features in a row.</param>
    /// <param name="cancellationToken">Stops a training or a prediction: before the next tree, at the next row.</param>
    public DelayTrainer(int columns, CancellationToken cancellationToken = default)
    {
        _cancellationToken = cancellationToken;
        _ml.Log += (_, line) =>
        {
            if (line.Source.Contains(TreeSource, StringComparison.Ordinal) && line.Message.Contains(TreeMessage, StringComparison.Ordinal))
            {
                _beforeTree();
            }
        };
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
    /// <param name="rows">What to learn from.</param>
    /// <param name="progress">How many of the trees are grown, 0 to 1.</param>
    public BinaryPredictionTransformer<CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator>> TrainTrees(LabelledRows rows, IProgress<double>? progress = null)
    {
        var grown = 0;
        _beforeTree = () =>
        {
            // FastTree takes no token; what is thrown here ends it.
            _cancellationToken.ThrowIfCancellationRequested();
            progress?.Report((double)grown++ / Trees);
        };
        return Stoppable(() => _ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = Trees,
            NumberOfLeaves = Leaves,
            LearningRate = LearningRate,
            MinimumExampleCountPerLeaf = RowsPerLeafMin,
        }).Fit(View(rows)));
    }

    /// <summary>Logistic regression on the same features, normalised, their missing values replaced by the mean.</summary>
    public ITransformer TrainLogisticRegression(LabelledRows rows) =>
        Stoppable(() => _ml.Transforms.ReplaceMissingValues(nameof(Row.Features), replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean)
            .Append(_ml.Transforms.NormalizeMeanVariance(nameof(Row.Features)))
            .Append(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression())
            .Fit(View(rows)));

    /// <summary>The trainer's own probabilities, in the order of the rows.</summary>
    public float[] Predict(ITransformer model, LabelledRows rows) =>
        Stoppable(() => _ml.Data.CreateEnumerable<Prediction>(model.Transform(View(rows)), reuseRowObject: true, ignoreMissingColumns: true).Select(p => p.Probability).ToArray());

    private IDataView View(LabelledRows rows) =>
        _ml.Data.LoadFromEnumerable(Rows(rows), _schema);

    // What a cursor throws on one of ML.NET's own threads arrives in a wrapping that depends on the trainer.
    private T Stoppable<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not OperationCanceledException && _cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The training was stopped.", e, _cancellationToken);
        }
    }

    // Every pass of a trainer comes through here.
    private IEnumerable<Row> Rows(LabelledRows rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            yield return new Row { Features = rows.Features[i], Label = rows.Labels[i] };
        }
    }

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
