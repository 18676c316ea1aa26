using Xunit;

namespace Mlp.Inference.Tests;

public class HostedModelOptionsTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void A_name_or_a_version_without_a_letter_is_refused(string text)
    {
        Assert.Throws<ArgumentException>("Name", () => new HostedModelOptions { Name = text }.Validate());
        Assert.Throws<ArgumentException>("Version", () => new HostedModelOptions { Version = text }.Validate());
        new HostedModelOptions { Name = "model", Version = "7" }.Validate();
    }
}
