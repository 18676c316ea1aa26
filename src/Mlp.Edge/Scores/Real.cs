using System.Runtime.CompilerServices;

namespace Mlp.Edge;

/// <summary>
/// Float or double, chosen by a type parameter: each call is a conversion or nothing. (Generic math does the same and would link every
/// interface of both types into a device's program.)
/// </summary>
internal static class Real
{
    public static double ToDouble<T>(T value)
        where T : unmanaged => typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(value) : Unsafe.BitCast<T, double>(value);

    public static float ToFloat<T>(T value)
        where T : unmanaged => typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(value) : (float)Unsafe.BitCast<T, double>(value);

    public static T Of<T>(double value)
        where T : unmanaged => typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>((float)value) : Unsafe.BitCast<double, T>(value);
}
