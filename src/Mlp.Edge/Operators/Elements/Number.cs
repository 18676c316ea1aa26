using System.Runtime.CompilerServices;

namespace Mlp.Edge;

/// <summary>
/// Arithmetic on float, double, long and int, chosen by a type parameter: each call is one instruction or a few. (Generic math does the same and
/// would link every interface of these types into a device's program.)
/// </summary>
internal static class Number
{
    public static T Add<T>(T x, T y)
        where T : unmanaged => typeof(T) == typeof(float) ? To<float, T>(To<T, float>(x) + To<T, float>(y))
        : typeof(T) == typeof(double) ? To<double, T>(To<T, double>(x) + To<T, double>(y))
        : typeof(T) == typeof(long) ? To<long, T>(To<T, long>(x) + To<T, long>(y))
        : To<int, T>(To<T, int>(x) + To<T, int>(y));

    public static T Subtract<T>(T x, T y)
        where T : unmanaged => typeof(T) == typeof(float) ? To<float, T>(To<T, float>(x) - To<T, float>(y))
        : typeof(T) == typeof(double) ? To<double, T>(To<T, double>(x) - To<T, double>(y))
        : typeof(T) == typeof(long) ? To<long, T>(To<T, long>(x) - To<T, long>(y))
        : To<int, T>(To<T, int>(x) - To<T, int>(y));

    public static T Multiply<T>(T x, T y)
        where T : unmanaged => typeof(T) == typeof(float) ? To<float, T>(To<T, float>(x) * To<T, float>(y))
        : typeof(T) == typeof(double) ? To<double, T>(To<T, double>(x) * To<T, double>(y))
        : typeof(T) == typeof(long) ? To<long, T>(To<T, long>(x) * To<T, long>(y))
        : To<int, T>(To<T, int>(x) * To<T, int>(y));

    /// <summary>Whole numbers have no answer for a divisor of 0, which the caller refuses; the smallest by -1 wraps.</summary>
    public static T Divide<T>(T x, T y)
        where T : unmanaged => typeof(T) == typeof(float) ? To<float, T>(To<T, float>(x) / To<T, float>(y))
        : typeof(T) == typeof(double) ? To<double, T>(To<T, double>(x) / To<T, double>(y))
        : typeof(T) == typeof(long) ? To<long, T>(To<T, long>(y) == -1 ? -To<T, long>(x) : To<T, long>(x) / To<T, long>(y))
        : To<int, T>(To<T, int>(y) == -1 ? -To<T, int>(x) : To<T, int>(x) / To<T, int>(y));

    public static bool Equal<T>(T x, T y)
        where T : unmanaged => typeof(T) == typeof(float) ? To<T, float>(x) == To<T, float>(y)
        : typeof(T) == typeof(double) ? To<T, double>(x) == To<T, double>(y)
        : typeof(T) == typeof(long) ? To<T, long>(x) == To<T, long>(y)
        : To<T, int>(x) == To<T, int>(y);

    public static bool Less<T>(T x, T y)
        where T : unmanaged => typeof(T) == typeof(float) ? To<T, float>(x) < To<T, float>(y)
        : typeof(T) == typeof(double) ? To<T, double>(x) < To<T, double>(y)
        : typeof(T) == typeof(long) ? To<T, long>(x) < To<T, long>(y)
        : To<T, int>(x) < To<T, int>(y);

    public static bool IsNaN<T>(T x)
        where T : unmanaged => typeof(T) == typeof(float) ? float.IsNaN(To<T, float>(x)) : typeof(T) == typeof(double) && double.IsNaN(To<T, double>(x));

    /// <summary>The smaller; NaN where either is.</summary>
    public static T Min<T>(T x, T y)
        where T : unmanaged => IsNaN(x) || Less(x, y) ? x : y;

    /// <summary>The larger; NaN where either is.</summary>
    public static T Max<T>(T x, T y)
        where T : unmanaged => IsNaN(x) || Less(y, x) ? x : y;

    public static T Negate<T>(T x)
        where T : unmanaged => typeof(T) == typeof(float) ? To<float, T>(-To<T, float>(x))
        : typeof(T) == typeof(double) ? To<double, T>(-To<T, double>(x))
        : typeof(T) == typeof(long) ? To<long, T>(-To<T, long>(x))
        : To<int, T>(-To<T, int>(x));

    /// <summary>The smallest whole number stays as it is, as it has no opposite.</summary>
    public static T Abs<T>(T x)
        where T : unmanaged => typeof(T) == typeof(float) ? To<float, T>(Math.Abs(To<T, float>(x)))
        : typeof(T) == typeof(double) ? To<double, T>(Math.Abs(To<T, double>(x)))
        : Less(x, default) ? Negate(x) : x;

    /// <summary>What fits of a number: the fraction of a float is lost on the way to a whole number, and what is beyond becomes the nearest, NaN 0.</summary>
    public static TTo Cast<TFrom, TTo>(TFrom x)
        where TFrom : unmanaged
        where TTo : unmanaged => typeof(TFrom) == typeof(float) ? Of<TTo>(To<TFrom, float>(x))
        : typeof(TFrom) == typeof(double) ? Of<TTo>(To<TFrom, double>(x))
        : typeof(TFrom) == typeof(long) ? Of<TTo>(To<TFrom, long>(x))
        : typeof(TFrom) == typeof(int) ? Of<TTo>(To<TFrom, int>(x))
        : Of<TTo>((long)To<TFrom, byte>(x));

    private static T Of<T>(double x)
        where T : unmanaged => typeof(T) == typeof(float) ? To<float, T>((float)x)
        : typeof(T) == typeof(double) ? To<double, T>(x)
        : typeof(T) == typeof(long) ? To<long, T>((long)x)
        : typeof(T) == typeof(int) ? To<int, T>((int)x)
        : To<byte, T>(x != 0 ? (byte)1 : (byte)0);

    private static T Of<T>(long x)
        where T : unmanaged => typeof(T) == typeof(float) ? To<float, T>(x)
        : typeof(T) == typeof(double) ? To<double, T>(x)
        : typeof(T) == typeof(long) ? To<long, T>(x)
        : typeof(T) == typeof(int) ? To<int, T>((int)x)
        : To<byte, T>(x != 0 ? (byte)1 : (byte)0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TTo To<TFrom, TTo>(TFrom x)
        where TFrom : unmanaged
        where TTo : unmanaged => Unsafe.BitCast<TFrom, TTo>(x);
}
