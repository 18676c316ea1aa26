using System.Runtime.InteropServices;

namespace Mlp.Inference;

/// <summary>
/// Gives memory that native code freed back to the system. The C library keeps it otherwise, a heap for each thread that loaded a model:
/// after a dozen swaps of a model of 64 MB that was 300 MB more than after the first (see the test), and nothing after this call of 2 ms.
/// </summary>
internal static partial class NativeHeap
{
    private static volatile bool _isMissing = !OperatingSystem.IsLinux();

    public static void GiveBack()
    {
        if (_isMissing)
        {
            return;
        }

        try
        {
            _ = Trim(0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Other C libraries than glibc do not have it, and do not need it.
            _isMissing = true;
        }
    }

    // malloc_trim(3).
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);
}
