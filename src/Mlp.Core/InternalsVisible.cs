using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Mlp.Core.Tests")]
