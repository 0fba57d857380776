using System.Linq.Expressions;
using System.Text.Json;
using EnsAdmin.Domain;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace EnsAdmin.Data;

/// <summary>
/// The database as the screens and the stores see it. Events, deliveries and attempts are written by <see cref="SqliteHotPath"/>. <see cref="EnsContexts"/>
/// opens it: a context that comes from elsewhere sees no organization's rows.
/// </summary>
public sealed class EnsDbContext(DbContextOptions<EnsDbContext> options) : IdentityUserContext<EnsUser>(options)
{
    public DbSet<Organization> Organizations => Set<Organization>();
    public DbSet<Membership> Memberships => Set<Membership>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<UserSession> UserSessions => Set<UserSession>();
    public DbSet<Webhook> Webhooks => Set<Webhook>();
    public DbSet<EventMessage> EventMessages => Set<EventMessage>();
    public DbSet<Delivery> Deliveries => Set<Delivery>();
    public DbSet<EnrichedBody> EnrichedBodies => Set<EnrichedBody>();
    public DbSet<DeliveryAttempt> Attempts => Set<DeliveryAttempt>();
    public DbSet<WebhookPulse> Pulses => Set<WebhookPulse>();
    public DbSet<DeliveryCounts> DeliveryCounts => Set<DeliveryCounts>();
    public DbSet<ReplayJob> ReplayJobs => Set<ReplayJob>();
    public DbSet<Store> Stores => Set<Store>();
    public DbSet<Till> Tills => Set<Till>();
    public DbSet<Customer> Customers => Set<Customer>();
    public DbSet<DirectoryIdentifier> DirectoryIdentifiers => Set<DirectoryIdentifier>();
    public DbSet<EarlierRecord> EarlierRecords => Set<EarlierRecord>();
    public DbSet<ImportJob> ImportJobs => Set<ImportJob>();

    /// <summary>Statuses that still wait for an attempt; the partial index on what is due names the same two.</summary>
    public static readonly DeliveryStatus[] Waiting = [DeliveryStatus.Queued, DeliveryStatus.ReplayScheduled];

    /// <summary>The organization whose rows it sees and may add; 0 is nobody's.</summary>
    internal int OrgId { get; init; }

    /// <summary>Whether it sees the rows of all.</summary>
    internal bool SeesAll { get; init; }

    /// <summary>The id of the newest event of all, as a bound for how far to look back; 0 where there is none.</summary>
    public Task<long> NewestEventAsync(CancellationToken cancel) => Database.SqlQuery<long>($"SELECT COALESCE(MAX(Id), 0) AS Value FROM EventMessages").SingleAsync(cancel);

    /// <exception cref="InvalidOperationException">A row of another organization would be written.</exception>
    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        RefuseForeignRows();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    /// <exception cref="InvalidOperationException">A row of another organization would be written.</exception>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        RefuseForeignRows();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    // The two reaches have a model each: a filter that could be switched off by a parameter would keep SQLite from its indexes.
    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.ReplaceService<IModelCacheKeyFactory, OneModelPerReach>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        MapEngine(builder);
        MapAccess(builder);
        DirectoryMapping.Map(builder);
        if (!SeesAll) FilterByOrganization(builder);
    }

    /// <summary>Lets through the rows of <see cref="OrgId"/> alone, of every table that has them.</summary>
    private void FilterByOrganization(ModelBuilder builder)
    {
        foreach (var type in builder.Model.GetEntityTypes().Where(t => !t.IsOwned() && t.FindProperty(nameof(OrgId)) is not null).ToList())
        {
            var row = Expression.Parameter(type.ClrType);
            var owner = Expression.Property(row, nameof(OrgId));
            var mine = Expression.Convert(Expression.Property(Expression.Constant(this), nameof(OrgId)), owner.Type);
            builder.Entity(type.ClrType).HasQueryFilter(Expression.Lambda(Expression.Equal(owner, mine), row));
        }
    }

    private void RefuseForeignRows()
    {
        if (SeesAll) return;
        foreach (var entry in ChangeTracker.Entries().Where(e => e.State is not (EntityState.Unchanged or EntityState.Detached) && e.Metadata.FindProperty(nameof(OrgId)) is not null))
        {
            if (entry.Property(nameof(OrgId)).CurrentValue is int owner && owner == OrgId) continue;
            throw new InvalidOperationException($"A {entry.Metadata.ShortName()} of another organization was to be written through a context of organization {OrgId}.");
        }
    }

    private static void MapAccess(ModelBuilder builder)
    {
        builder.Entity<Organization>(e =>
        {
            e.HasKey(x => x.OrgId);
            e.Property(x => x.OrgId).ValueGeneratedNever();
        });
        builder.Entity<Membership>(e =>
        {
            e.HasKey(x => new { x.UserId, x.OrgId });
            e.HasOne<EnsUser>().WithMany().HasForeignKey(x => x.UserId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => x.OrgId);
        });
        builder.Entity<ApiKey>(e =>
        {
            e.Property(x => x.Scopes).HasConversion(v => string.Join(',', v), v => v.Split(',', StringSplitOptions.RemoveEmptyEntries),
                new ValueComparer<IReadOnlyList<string>>((a, b) => ReferenceEquals(a, b), v => v.GetHashCode()));
            e.HasIndex(x => x.OrgId);
        });
        builder.Entity<Invitation>(e =>
        {
            e.HasIndex(x => x.TokenHash).IsUnique();
            e.HasIndex(x => x.OrgId);
        });
        builder.Entity<AuditEntry>(e =>
        {
            // Filters are looked at in the index alone, so that few of a million rows are read.
            e.HasIndex(x => new { x.OrgId, x.At, x.Action, x.By, x.KeyId, x.Subject }, "IX_AuditEntries_Organization");
            e.HasIndex(x => new { x.At, x.Action, x.By, x.KeyId, x.Subject }, "IX_AuditEntries_Installation");
        });
        builder.Entity<UserSession>(e =>
        {
            e.HasOne<EnsUser>().WithMany().HasForeignKey(x => x.UserId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => x.UserId);
        });
        MapIdentity(builder);
    }

    /// <summary>Identity's third schema, said in full: Identity itself takes it from services, which tools and tests do not have.</summary>
    private static void MapIdentity(ModelBuilder builder)
    {
        const int KeyLength = 128;
        builder.Entity<EnsUser>(e =>
        {
            e.ToTable("Users");
            e.Property(x => x.PhoneNumber).HasMaxLength(256);
        });
        builder.Entity<IdentityUserClaim<string>>().ToTable("UserClaims");
        builder.Entity<IdentityUserLogin<string>>(e =>
        {
            e.ToTable("UserLogins");
            e.Property(x => x.LoginProvider).HasMaxLength(KeyLength);
            e.Property(x => x.ProviderKey).HasMaxLength(KeyLength);
        });
        builder.Entity<IdentityUserToken<string>>(e =>
        {
            e.ToTable("UserTokens");
            e.Property(x => x.LoginProvider).HasMaxLength(KeyLength);
            e.Property(x => x.Name).HasMaxLength(KeyLength);
        });
        builder.Entity<IdentityUserPasskey<string>>(e =>
        {
            e.ToTable("UserPasskeys");
            e.HasKey(x => x.CredentialId);
            e.Property(x => x.CredentialId).HasMaxLength(1024);
            e.OwnsOne(x => x.Data).ToJson();
            e.HasOne<EnsUser>().WithMany().HasForeignKey(x => x.UserId).IsRequired();
        });
    }

    private static void MapEngine(ModelBuilder modelBuilder)
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
            e.HasIndex(x => new { x.OrgId, x.EventMessageId }, "IX_Deliveries_ToEnrich").HasFilter("\"ToEnrich\"");
            e.HasIndex(x => x.SlaDueAt, "IX_Deliveries_Sla").HasFilter("\"EndedAt\" IS NULL AND \"SlaBreachedAt\" IS NULL AND \"SlaDueAt\" IS NOT NULL");
        });
        modelBuilder.Entity<EnrichedBody>(e => e.Property(x => x.Id).ValueGeneratedNever());
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

    private sealed class OneModelPerReach : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) => (context.GetType(), ((EnsDbContext)context).SeesAll, designTime);
    }

    // SQLite compares text and numbers only: an instant is its UTC ticks.
    private sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(v => v.UtcTicks, v => new DateTimeOffset(v, TimeSpan.Zero));
}
