using System.Text.Json;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace EnsAdmin.Data;

/// <summary>
/// The tables of the directory. <see cref="SqliteDirectory"/> writes them. The migration makes stores, tills and identifiers WITHOUT ROWID, which EF cannot say: the key is
/// all that they are looked up by.
/// </summary>
internal static class DirectoryMapping
{
    public static void Map(ModelBuilder builder)
    {
        builder.Entity<Store>(e => e.HasKey(x => new { x.OrgId, x.StoreId }));
        builder.Entity<Till>(e =>
        {
            e.HasKey(x => new { x.OrgId, x.TillId });
            e.HasIndex(x => new { x.OrgId, x.StoreId });
        });
        builder.Entity<Customer>(e =>
        {
            e.Property(x => x.Id).ValueGeneratedNever();
            e.HasIndex(x => new { x.OrgId, x.CustomerId }, CustomerTable.LongIds).IsUnique().HasFilter("\"Id\" < 0");
        });
        builder.Entity<DirectoryIdentifier>(e => e.HasKey(x => new { x.OrgId, x.Kind, x.Value, x.RecordId }));
        builder.Entity<EarlierRecord>(e =>
        {
            e.HasKey(x => new { x.OrgId, x.Kind, x.RecordId, x.UpTo });
            e.HasIndex(x => new { x.OrgId, x.UpTo });
        });
        builder.Entity<ImportJob>(e =>
        {
            e.Property(x => x.Mapping).HasConversion(
                v => JsonSerializer.Serialize(v, JsonSerializerOptions.Default),
                v => JsonSerializer.Deserialize<Dictionary<string, string>>(v, JsonSerializerOptions.Default)!,
                new ValueComparer<IReadOnlyDictionary<string, string>?>((a, b) => ReferenceEquals(a, b), v => v!.GetHashCode()));
            e.HasIndex(x => new { x.OrgId, x.Id });
            e.HasIndex(x => x.State).HasFilter("\"State\" IN ('Waiting', 'Checking', 'Writing')");
        });
        builder.Entity<Organization>().Property(x => x.LearnsFromEvents).HasDefaultValue(true);
    }
}
