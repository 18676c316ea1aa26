using Mlp.Core;

namespace Mlp.Features;

internal static class InvalidRow
{
    public static MlpException Of(string message, Exception? cause = null) => new(FeatureErrors.RowInvalid, message, cause);
}
