using Mlp.Core;

namespace Mlp.Core.Tests.Tensors;

public class SignatureTests
{
    [Fact]
    public void Every_element_type_is_found_by_its_own_name()
    {
        foreach (var type in Enum.GetValues<ElementType>().Where(t => t != ElementType.Undefined))
        {
            Assert.True(ElementTypes.TryParse(type.Name(), out var parsed));
            Assert.Equal(type, parsed);
        }

        Assert.False(ElementTypes.TryParse("float", out _));
        Assert.False(ElementTypes.TryParse(null, out _));
    }

    [Fact]
    public void Row_elements_leave_out_the_batch_and_say_when_they_are_unknown()
    {
        Assert.Equal(6, new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(2), TensorDimension.Fixed(3)).RowElements);
        Assert.Equal(1, new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n")).RowElements);
        Assert.Equal(-1, new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Free("m")).RowElements);
        Assert.Equal(-1, new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(long.MaxValue)).RowElements);
        Assert.Equal(-1, new TensorSpec("x", ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(4), TensorDimension.Fixed(1L << 62)).RowElements);
    }

    [Fact]
    public void A_name_that_occurs_twice_is_refused()
    {
        var x = new TensorSpec("x", ElementType.Float32);
        Assert.Equal(ErrorCodes.ModelInvalid, Assert.Throws<MlpException>(() => new ModelSignature([x, x], [])).Code);
    }
}
