using CsCheck;

namespace Mlp.Core.Tests.Tensors;

public class ValueFormTests
{
    private static readonly Gen<ElementType> Types = Gen.OneOfConst(Enum.GetValues<ElementType>().Where(t => t != ElementType.Undefined).ToArray());

    private static readonly Gen<ValueForm> Forms = Gen.Recursive<ValueForm>((depth, inner) => depth >= 5
        ? Types.Select(ValueForm.Tensor)
        : Gen.OneOf(Types.Select(ValueForm.Tensor), inner.Select(ValueForm.Sequence), inner.Select(ValueForm.Optional), Gen.Select(Types, inner, ValueForm.Map)));

    [Fact]
    public void Every_form_is_read_from_its_text_and_from_a_model_file() => Forms.Sample(form =>
    {
        Assert.True(ValueForm.TryParse(form.ToString(), out var read), form.ToString());
        Assert.Equal(form, read);
        if (form.Kind == ValueKind.Tensor)
        {
            return;
        }

        var model = new OnnxModel
        {
            Graph = new OnnxGraph { Inputs = [new OnnxValueInfo("x", new TensorSpec("x", form))], Outputs = [new OnnxValueInfo("y", new TensorSpec("y", ElementType.Float32, TensorDimension.Free("n")))] },
        };
        Assert.Equal(form, OnnxModel.Read(model.Write()).Signature().Inputs[0].Form);
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tensor(float32")]
    [InlineData("tensor(float33)")]
    [InlineData("tensor(float32))")]
    [InlineData("map(int64)")]
    [InlineData("map(int64, )")]
    [InlineData("sequence()")]
    [InlineData("sequence(sequence(sequence(sequence(sequence(sequence(sequence(sequence(sequence(sequence(tensor(int8)))))))))))")]
    public void Other_texts_are_none(string? text) => Assert.False(ValueForm.TryParse(text, out _));

    [Fact]
    public void A_package_keeps_forms_and_strings()
    {
        using var folder = new TemporaryFolder();
        var signature = new ModelSignature(
            [new TensorSpec("words", ElementType.String, TensorDimension.Free("n"))],
            [new TensorSpec("maps", ValueForm.Sequence(ValueForm.Map(ElementType.String, ValueForm.Tensor(ElementType.Float32))))]);
        var package = new PackageBuilder().Add("model.onnx", new byte[] { 1 }).Write(Path.Combine(folder.Path, "p"), new PackageManifest { Name = "m", Signature = signature });
        Assert.Equal(signature.ToString(), package.Manifest.Signature.ToString());
        Assert.Equal(signature.Outputs[0], ModelPackage.Open(package.Folder).Manifest.Signature.Outputs[0]);
    }

    [Fact]
    public void Constants_of_strings_survive_a_file_and_their_number_is_checked()
    {
        var model = new OnnxModel
        {
            Graph = new OnnxGraph
            {
                Initializers = new Dictionary<string, OnnxTensor> { ["c"] = OnnxTensor.Of(["a", "", "好"], 3, 1) },
                Outputs = [new OnnxValueInfo("c", new TensorSpec("c", ElementType.String, TensorDimension.Fixed(3)))],
            },
        };
        var read = OnnxModel.Read(model.Write()).Graph.Initializers["c"];
        Assert.Equal(["a", "", "好"], read.Texts);
        Assert.Equal([3L, 1], read.Shape);
        Assert.Equal(ErrorCodes.ModelInvalid, Assert.Throws<MlpException>(() => OnnxTensor.Of(["a"], 2)).Code);
        Assert.Equal(ErrorCodes.ModelInvalid, Assert.Throws<MlpException>(() => OnnxTensor.Of(["a"], long.MaxValue, 3)).Code);
    }
}
