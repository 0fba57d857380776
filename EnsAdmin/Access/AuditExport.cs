using System.Globalization;
using System.Text;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Access;

/// <summary>
/// The entries of the audit as a file, CSV or JSON. They are read and sent in pieces: neither the memory nor the database holds them while a slow caller takes
/// his time.
/// </summary>
public static class AuditExport
{
    private const int Piece = 1000;
    private static readonly string[] Columns = ["at", "orgId", "by", "userId", "sessionId", "keyId", "remoteAddress", "action", "subject", "before", "after"];

    /// <summary>What a spreadsheet would take for the beginning of a formula.</summary>
    private const string FormulaStarts = "=+-@\t\r\n＝＋－＠";

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapOrganizationFile("audit/export", Role.Admin, (http, organization) =>
        {
            var log = http.RequestServices.GetRequiredService<AuditLog>();
            var query = AuditQuery.Of(http.Request.Query);
            return WriteAsync(http, string.Create(CultureInfo.InvariantCulture, $"audit-{organization.Id}"), next => log.OfOrganizationAsync(organization.Id, query.Filter(organization.Zone), next, Piece, http.RequestAborted));
        });
        routes.MapInstallationFile(Paths.InstallationAudit + "/export", http =>
        {
            var log = http.RequestServices.GetRequiredService<AuditLog>();
            var query = AuditQuery.Of(http.Request.Query);
            return WriteAsync(http, "audit-installation", next => log.OfInstallationAsync(query.Filter(TimeZoneInfo.Utc), next, Piece, http.RequestAborted));
        });
    }

    private static async Task WriteAsync(HttpContext http, string name, Func<string?, Task<AuditRows>> read)
    {
        var isJson = http.Request.Query["format"] == "json";
        http.Response.ContentType = isJson ? "application/json; charset=utf-8" : "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.{(isJson ? "json" : "csv")}\"";
        http.Response.Headers.CacheControl = "no-store";
        await using var writer = new StreamWriter(http.Response.Body, new UTF8Encoding(false));
        await writer.WriteAsync(isJson ? "[" : string.Join(',', Columns) + "\r\n");
        var (next, first) = ((string?)null, true);
        do
        {
            var page = await read(next);
            foreach (var entry in page.Rows)
            {
                await writer.WriteAsync(isJson ? (first ? "\n" : ",\n") + Json(entry) : Csv(entry));
                first = false;
            }

            await writer.FlushAsync(http.RequestAborted);
            next = page.Next;
        } while (next is not null);
        if (isJson) await writer.WriteAsync("\n]\n");
    }

    private static string Json(AuditEntry e) => JsonSerializer.Serialize(new
    {
        e.At, e.OrgId, e.By, e.UserId, e.SessionId, e.KeyId, e.RemoteAddress, e.Action, e.Subject, before = Raw(e.Before), after = Raw(e.After),
    }, JsonSerializerOptions.Web);

    private static JsonElement? Raw(string? json) => json is null ? null : JsonDocument.Parse(json).RootElement;

    private static string Csv(AuditEntry e) => string.Join(',', new[]
    {
        TimeWords.Iso(e.At), e.OrgId?.ToString(CultureInfo.InvariantCulture), e.By, e.UserId, e.SessionId?.ToString(), e.KeyId, e.RemoteAddress, e.Action, e.Subject, e.Before, e.After,
    }.Select(Cell)) + "\r\n";

    /// <summary>Quoted, and as text where it would be taken for a formula.</summary>
    internal static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value)) return "";
        var isFormula = FormulaStarts.Contains(value[0]) || value.TrimStart() is [var first, ..] && FormulaStarts.Contains(first);
        var text = isFormula ? "'" + value : value;
        return $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
