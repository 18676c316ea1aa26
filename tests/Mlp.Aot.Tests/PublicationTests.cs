using Mlp.Tests;

namespace Mlp.Aot.Tests;

public sealed class PublicationTests(Publication publication) : IClassFixture<Publication>
{
    [Fact]
    public void Whole_libraries_publish_without_a_single_warning()
    {
        publication.Require();
        Assert.Contains("Generating native code", publication.Output, StringComparison.Ordinal);
        var warnings = Publication.Warnings(publication.Output).ToArray();
        Assert.True(warnings.Length == 0, string.Join('\n', warnings));
    }

    [Fact]
    public async Task The_published_program_makes_a_package_opens_it_and_predicts()
    {
        publication.Require();
        var folder = Path.Combine(Directory.CreateTempSubdirectory("mlp-aot-").FullName, "package");
        try
        {
            var run = await Command.RunAsync(publication.Program, Checkout.Root, [folder]);
            Assert.Equal(0, run.ExitCode);

            // Sums of the leaves by hand: −1 + 0.25, 1 − 0.5, and 1 + 0.25 where both features are missing.
            Assert.Equal(
                [
                    "package aot (features: float32[batch, 2]) -> (label: int64[batch], probabilities: float32[batch, 2])",
                    "predict -0.75",
                    "predict 0.5",
                    "predict 1.25",
                    "kernel interleaved",
                    "refused package.damaged",
                    "refused registry.unreachable",
                ],
                run.Output.TrimEnd().Split('\n').Select(Margin));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }
    }

    [Fact]
    public void The_published_program_stays_within_its_budget()
    {
        publication.Require();
        HoldBudget(publication.Program, "aotBytesMax");
    }

    [Fact]
    public async Task A_device_that_only_predicts_links_less_and_stays_within_its_budget()
    {
        publication.Require();
        var run = await Publication.PublishAsync("device", "-p:DeviceOnly=true");
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Empty(Publication.Warnings(run.Output));
        HoldBudget(Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(publication.Program))!, "device", Path.GetFileName(publication.Program)), "aotDeviceBytesMax");
    }

    [Fact]
    public async Task A_service_hosts_a_model_and_predicts_through_its_own_types()
    {
        publication.Require();
        var published = await Publication.PublishAsync("hosted", "-p:Hosted=true");
        Assert.True(published.ExitCode == 0, published.Output);
        Assert.Empty(Publication.Warnings(published.Output));
        var folder = Path.Combine(Directory.CreateTempSubdirectory("mlp-aot-").FullName, "package");
        try
        {
            var program = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(publication.Program))!, "hosted", Path.GetFileName(publication.Program));
            var run = await Command.RunAsync(program, Checkout.Root, [folder]);
            Assert.True(run.ExitCode == 0, run.Output);

            // The margins -0.75, 0.5 and 1.25 by the logistic function.
            var hosted = run.Output.Split('\n').Single(line => line.StartsWith("hosted ", StringComparison.Ordinal)).TrimEnd().Split(' ');
            Assert.Equal("predict -0.75", Margin($"predict {hosted[1]}"));
            Assert.Equal("predict 0.5", Margin($"predict {hosted[2]}"));
            Assert.Equal("1", hosted[3]);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("/x/A.cs(3,4): Trim analysis warning IL2026: Mlp.A.B(): uses C", true)]
    [InlineData("/x/A.cs(3,4): AOT analysis error IL3050: Mlp.A.B(): uses C", true)]
    [InlineData("ILC : warning IL3000: x", true)]
    [InlineData("/x/A.cs(3,4): warning CS0168: unused", true)]
    [InlineData("/x/A.csproj : warning NU1603: A depends on B", false)]
    [InlineData("  Aot.App -> /x/warnings/", false)]
    public void A_warning_is_told_from_other_lines(string line, bool isOne) =>
        Assert.Equal(isOne ? [line] : [], Publication.Warnings(line));

    [Fact]
    public async Task Reflection_that_trimming_would_break_is_found()
    {
        publication.Require();
        var run = await Publication.PublishAsync("planted", "-p:DeviceOnly=true", "-p:PlantedFault=true");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(Publication.Warnings(run.Output), line => line.Contains("IL2057", StringComparison.Ordinal));
    }

    private static void HoldBudget(string program, string name)
    {
        var size = new FileInfo(program).Length;
        var most = Budgets.Read(name);
        Assert.True(size <= most, $"{program} has {size} bytes; eng/budgets.json allows {most}.");
        Assert.True(size >= most * 0.8, $"{program} has {size} bytes: lower {name} in eng/budgets.json from {most}.");
    }

    // 1/(1+e^-s) back to s, to what float holds.
    private static string Margin(string line)
    {
        if (!line.StartsWith("predict ", StringComparison.Ordinal))
        {
            return line;
        }

        var p = double.Parse(line["predict ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        return FormattableString.Invariant($"predict {Math.Round(Math.Log(p / (1 - p)), 5)}");
    }
}
