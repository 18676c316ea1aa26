namespace Mlp.Inference;

/// <summary>A kind of memory and the device that it belongs to, by ONNX Runtime's names.</summary>
/// <param name="Kind">For example <c>Cuda</c>.</param>
/// <param name="DeviceId">Which device, where there are several.</param>
public readonly record struct DeviceMemory(string Kind, int DeviceId = 0)
{
    /// <summary>The process's own memory.</summary>
    public static DeviceMemory Host { get; } = new("Cpu");

    /// <summary>Memory of an NVIDIA GPU.</summary>
    public static DeviceMemory Cuda(int deviceId = 0) => new("Cuda", deviceId);

    /// <summary>Memory of the process that cannot be paged out, from which an NVIDIA GPU copies without a detour.</summary>
    public static DeviceMemory CudaPinned(int deviceId = 0) => new("CudaPinned", deviceId);

    /// <summary>For example <c>Cuda 0</c>.</summary>
    public override string ToString() => $"{Kind} {DeviceId}";
}
