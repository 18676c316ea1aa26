using Mlp.Cli;
using Spectre.Console;

return await new MlpCommand(AnsiConsole.Console, Console.Error).RunAsync(args);
