using EnsAdmin.Domain;
using MudBlazor;

namespace EnsAdmin.Replays;

/// <summary>Says what was started by asking for the replay of many.</summary>
internal static class ReplayMessage
{
    /// <param name="job">Null when the webhook is no more.</param>
    /// <param name="held">Whether the webhook is inactive.</param>
    public static void Show(ISnackbar messages, ReplayJob? job, bool held)
    {
        if (job is null) messages.Add("They can't be replayed: the webhook was deleted.", Severity.Warning);
        else messages.Add($"{job.Total} {(job.Total == 1 ? "delivery is" : "deliveries are")} {(held ? "held until the webhook is active" : "sent again")}.", held ? Severity.Info : Severity.Success);
    }
}
