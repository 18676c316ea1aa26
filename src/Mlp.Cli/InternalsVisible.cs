[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Mlp.Cli.Tests")]
