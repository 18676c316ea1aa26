using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Mlp.Edge.Tests")]
