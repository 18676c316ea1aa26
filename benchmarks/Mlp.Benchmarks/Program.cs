using Mlp.Benchmarks;

if (args is [HttpServer.Command, _, _, _])
{
    await HttpServer.RunAsync(args);
    return 0;
}

return BenchCommand.Run(args, Directory.GetCurrentDirectory(), Console.Out, Console.Error);
