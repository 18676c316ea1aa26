using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Mlp.Monitoring.Tests")]
