using Microsoft.AspNetCore.Components;
using QRCoder;

namespace EnsAdmin.People;

/// <summary>A QR code as a drawing of the page itself: nothing is fetched, and nothing runs.</summary>
internal static class QrCode
{
    private const int ModulePixels = 4;

    public static MarkupString Svg(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        return new MarkupString(code.GetGraphic(ModulePixels, "#000000", "#ffffff", drawQuietZones: false, SvgQRCode.SizingMode.ViewBoxAttribute));
    }
}
