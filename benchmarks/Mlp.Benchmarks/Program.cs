using Mlp.Benchmarks;

return BenchCommand.Run(args, Directory.GetCurrentDirectory(), Console.Out, Console.Error);
