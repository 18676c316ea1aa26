using FlightDelay.Pipeline;
using FlightDelay.Training;
using Mlp.EndToEnd.Tests.Scenarios;

namespace Mlp.EndToEnd.Tests;

/// <summary>The demo's folder: what is the demo's in it, and what is not.</summary>
public sealed class WorkspaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_folder_of_somebody_else_is_refused_and_stays_as_it_is(bool fresh)
    {
        Directory.CreateDirectory(_folder.At("photos"));
        File.WriteAllText(Path.Combine(_folder.At("photos"), "cat.jpg"), "a cat");
        File.WriteAllText(_folder.At("done.stamp"), "theirs");

        var error = Assert.Throws<DemoException>(() => Workspace.Open(_folder.Path, fresh));
        Assert.Equal(DemoException.Usage, error.ExitCode);
        Assert.Contains($"{_folder.Path} is not empty", error.Message, StringComparison.Ordinal);
        Assert.Equal(["cat.jpg", "done.stamp"], Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("a cat", File.ReadAllText(Path.Combine(_folder.At("photos"), "cat.jpg")));
    }

    [Fact]
    public async Task A_folder_of_somebody_else_ends_the_demo_with_2_and_one_line()
    {
        await File.WriteAllTextAsync(_folder.At("theirs"), "", TestContext.Current.CancellationToken);
        var (exitCode, output) = await DemoProgram.RunAsync("--fresh", "--workspace", _folder.Path);
        Assert.Equal(2, exitCode);
        Assert.Contains("is not empty", Assert.Single(output.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(["theirs"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Fresh_removes_what_the_demo_made_and_nothing_that_lies_beside_it()
    {
        string[] made = ["offline", "registry", "cache", "package", "package.0123.tmp", "profiles", "gates", "online"];
        using (Workspace.Open(_folder.Path, fresh: false))
        {
            foreach (var name in (string[])[.. made, "photos", "packages"])
            {
                Directory.CreateDirectory(_folder.At(name));
                File.WriteAllText(Path.Combine(_folder.At(name), "a"), name);
            }

            foreach (var name in (string[])["training.stamp", "training.json", "report.html", "notes.txt", "theirs.stamp"])
            {
                File.WriteAllText(_folder.At(name), name);
            }
        }

        using (Workspace.Open(_folder.Path, fresh: false))
        {
            Assert.All(made, name => Assert.True(Directory.Exists(_folder.At(name)), name));
        }

        using var fresh = Workspace.Open(_folder.Path, fresh: true);
        Assert.Equal([".lock", "notes.txt", "packages", "photos", "theirs.stamp"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("photos", File.ReadAllText(Path.Combine(_folder.At("photos"), "a")));
    }

    [Fact]
    public void What_a_training_leaves_takes_the_place_of_the_old_at_once_and_whole()
    {
        using var workspace = Workspace.Open(_folder.Path, fresh: false);
        var result = new TrainingResult
        {
            Airports = 1, RunId = "1", ModelDigest = "", TrainingRows = 1, ValidationRows = 1, LateShare = 0, Importances = [],
            OnnxRuntimeDifference = 0, EdgeDifference = 0, TreePredictions = [0.25f], LinearPredictions = [0.5f],
        };
        result.Write(workspace);
        string[] names = ["training.json", "trees.f32", "linear.f32"];
        var before = names.Select(name => File.ReadAllBytes(_folder.At(name))).ToArray();
        var readers = names.Select(name => File.Open(_folder.At(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)).ToArray();
        (result with { RunId = "another", TreePredictions = [1, 2], LinearPredictions = [3, 4] }).Write(workspace);

        for (var i = 0; i < names.Length; i++)
        {
            using var reader = readers[i];
            var seen = new byte[reader.Length];
            reader.ReadExactly(seen);
            Assert.Equal(before[i], seen);
            Assert.NotEqual(before[i], File.ReadAllBytes(_folder.At(names[i])));
        }

        Assert.Empty(Directory.GetFiles(_folder.Path, "*.tmp"));
    }

    [Fact]
    public void A_folder_that_is_empty_or_not_there_yet_becomes_a_workspace_and_stays_one()
    {
        foreach (var folder in (string[])[_folder.Path, Path.Combine(_folder.Path, "new", "one")])
        {
            using (Workspace.Open(folder, fresh: true))
            {
                File.WriteAllText(Path.Combine(folder, "beside"), "");
            }

            using var again = Workspace.Open(folder, fresh: false);
            Assert.Equal(folder, again.Folder);
        }
    }
}
