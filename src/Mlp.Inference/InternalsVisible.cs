using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Mlp.Inference.Tests")]
