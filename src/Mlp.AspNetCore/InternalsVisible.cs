using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Mlp.AspNetCore.Tests")]
