using System.Text.Json;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace EnsAdmin.Data;

/// <summary>The database as the screens and the webhook store see it. Events, deliveries and attempts are written by <see cref="SqliteHotPath"/>.</summary>
public sealed class EnsDbContext(DbContextOptions<EnsDbContext> options) : DbContext(options)
{
    public DbSet<Webhook> Webhooks => Set<Webhook>();
    public DbSet<EventMessage> EventMessages => Set<EventMessage>();
    public DbSet<Delivery> Deliveries => Set<Delivery>();
    public DbSet<DeliveryAttempt> Attempts => Set<DeliveryAttempt>();
    public DbSet<WebhookPulse> Pulses => Set<WebhookPulse>();
    public DbSet<DeliveryCounts> DeliveryCounts => Set<DeliveryCounts>();
    public DbSet<ReplayJob> ReplayJobs => Set<ReplayJob>();

    /// <summary>Statuses that still wait for an attempt; the partial index on what is due names the same two.</summary>
    public static readonly DeliveryStatus[] Waiting = [DeliveryStatus.Queued, DeliveryStatus.ReplayScheduled];

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Webhook>(MapWebhook);
        modelBuilder.Entity<EventMessage>(e =>
        {
            e.HasIndex(x => new { x.OrgId, x.EventId }).IsUnique();
            e.HasIndex(x => new { x.OrgId, x.RefId });
            e.HasIndex(x => new { x.OrgId, x.ApiRequestId });
        });
        modelBuilder.Entity<Delivery>(e =>
        {
            e.HasOne<EventMessage>().WithMany().HasForeignKey(x => x.EventMessageId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => new { x.WebhookId, x.DueAt }, "IX_Deliveries_Due").HasFilter("\"Status\" IN ('Queued', 'ReplayScheduled')");
            e.HasIndex(x => x.ClaimId, "IX_Deliveries_Claimed").HasFilter("\"Status\" = 'Claimed'");
            e.HasIndex(x => new { x.WebhookId, x.Id }, "IX_Deliveries_Log");
            e.HasIndex(x => x.SlaDueAt, "IX_Deliveries_Sla").HasFilter("\"EndedAt\" IS NULL AND \"SlaBreachedAt\" IS NULL AND \"SlaDueAt\" IS NOT NULL");
        });
        modelBuilder.Entity<DeliveryAttempt>(e => e.HasIndex(x => x.DeliveryId));
        modelBuilder.Entity<WebhookPulse>(e => e.HasKey(x => x.WebhookId));
        modelBuilder.Entity<DeliveryCounts>(e => e.HasKey(x => new { x.WebhookId, x.Hour }));
        modelBuilder.Entity<ReplayJob>(e =>
        {
            e.Property(x => x.Filter).HasConversion(
                v => JsonSerializer.Serialize(v, JsonSerializerOptions.Default),
                v => JsonSerializer.Deserialize<ReplayFilter>(v, JsonSerializerOptions.Default)!,
                new ValueComparer<ReplayFilter>((a, b) => ReferenceEquals(a, b), v => v.GetHashCode()));
            e.HasIndex(x => new { x.WebhookId, x.Id });
            e.HasIndex(x => x.State).HasFilter("\"State\" = 'Running'");
        });
    }

    private static void MapWebhook(EntityTypeBuilder<Webhook> e)
    {
        e.Property(x => x.Name).UseCollation("NOCASE");
        e.Property(x => x.Version).IsConcurrencyToken();
        e.Property(x => x.Enrichment).HasConversion(
            v => JsonSerializer.Serialize(v, JsonSerializerOptions.Default),
            v => JsonSerializer.Deserialize<PayloadEnrichment>(v, JsonSerializerOptions.Default)!,
            new ValueComparer<PayloadEnrichment>((a, b) => ReferenceEquals(a, b), v => v.GetHashCode()));
        e.HasIndex(x => new { x.OrgId, x.Name }).IsUnique().HasFilter("\"DeletedAt\" IS NULL");
        e.OwnsMany(x => x.Headers, h =>
        {
            h.ToTable("WebhookHeaders");
            h.Property<long>("Id");
            h.HasKey("Id");
            h.WithOwner().HasForeignKey("WebhookId");
        });
        e.OwnsMany(x => x.Subscriptions, s =>
        {
            s.ToTable("Subscriptions");
            s.WithOwner().HasForeignKey("WebhookId");
            s.HasKey("WebhookId", nameof(Subscription.EventName));
            s.HasIndex(x => new { x.OrgId, x.EventName });
        });
    }

    // SQLite compares text and numbers only: an instant is its UTC ticks.
    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(v => v.UtcTicks, v => new DateTimeOffset(v, TimeSpan.Zero));
}
