using System.Reflection;
using System.Runtime.Loader;

namespace Mlp.Inference.Tests.Fakes;

/// <summary>The library loaded a second time, in a place where no native library is found: a program that forgot the package.</summary>
internal sealed class WithoutNativeLibraries : IDisposable
{
    private readonly Context _context = new();

    public (string Code, string Message) PrepareWithOnnxRuntime(byte[] onnx)
    {
        var assembly = _context.LoadFromAssemblyPath(typeof(ModelHost).Assembly.Location);
        var file = assembly.GetType(typeof(ModelFile).FullName!)!.GetMethod(nameof(ModelFile.Of))!.Invoke(null, [onnx, "model", null, null]);
        var options = Activator.CreateInstance(assembly.GetType(typeof(PrepareOptions).FullName!)!);
        var runtime = assembly.GetType(typeof(RuntimeChoice).FullName!)!.GetProperty(nameof(RuntimeChoice.OnnxRuntime))!.GetValue(null);
        var prepare = assembly.GetType(typeof(IModelRuntime).FullName!)!.GetMethod(nameof(IModelRuntime.Prepare))!;
        var error = Assert.Throws<TargetInvocationException>(() => prepare.Invoke(runtime, [file, options])).InnerException!;
        var code = error.GetType().GetProperty("Code")?.GetValue(error) as string ?? error.ToString();
        return (code, error.Message);
    }

    public void Dispose() => _context.Unload();

    private sealed class Context() : AssemblyLoadContext("without native libraries", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = Path.Combine(AppContext.BaseDirectory, $"{assemblyName.Name}.dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }

        protected override nint LoadUnmanagedDll(string unmanagedDllName) => throw new DllNotFoundException(unmanagedDllName);
    }
}
