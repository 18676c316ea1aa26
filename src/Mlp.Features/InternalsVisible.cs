using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Mlp.Features.Tests")]
