using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Mlp.Core;

namespace Mlp.AspNetCore;

/// <summary>An error as a body of RFC 9457 (<c>application/problem+json</c>), with the error's code and, where one is to blame, the field or tensor.</summary>
public sealed class ProblemResult : IResult
{
    private readonly int _status;
    private readonly string _code;
    private readonly string _detail;
    private readonly string? _field;

    /// <summary>Describes an error. A failure of the server shows its code and no more.</summary>
    public ProblemResult(MlpException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        _status = ErrorStatus.Of(error.Code);
        _code = error.Code;
        _detail = ErrorStatus.Detail(error);
        _field = (error as RequestFieldException)?.Field;
    }

    internal ProblemResult(int status, string code, string detail)
    {
        _status = status;
        _code = code;
        _detail = detail;
    }

    /// <summary>Writes the response.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = _status;
        response.ContentType = "application/problem+json";
        if (_status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "1";
        }

        using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("type", $"urn:mlp:error:{_code}");
            json.WriteString("title", ErrorStatus.Title(_status));
            json.WriteNumber("status", _status);
            json.WriteString("detail", _detail);
            json.WriteString("code", _code);
            if (_field is not null)
            {
                json.WriteString("field", _field);
            }

            json.WriteEndObject();
        }

        await response.BodyWriter.FlushAsync(httpContext.RequestAborted).ConfigureAwait(false);
    }
}
