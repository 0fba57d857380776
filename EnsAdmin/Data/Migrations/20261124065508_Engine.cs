using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class Engine : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_EventMessages_AcceptedAt",
                table: "EventMessages");

            migrationBuilder.DropIndex(
                name: "IX_Deliveries_Lease",
                table: "Deliveries");

            migrationBuilder.RenameColumn(
                name: "LeaseUntil",
                table: "Deliveries",
                newName: "SlaDueAt");

            migrationBuilder.Sql("UPDATE Deliveries SET SlaDueAt = NULL WHERE SlaDueAt IS NOT NULL");

            migrationBuilder.AddColumn<bool>(
                name: "ReplayThrottled",
                table: "Webhooks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "ReplayWindowHours",
                table: "Webhooks",
                type: "INTEGER",
                nullable: true);

            // A new table and not changed columns: SQLite would rebuild it outside the transaction.
            migrationBuilder.RenameTable(name: "Pulses", newName: "OldPulses");
            migrationBuilder.CreateTable(
                name: "Pulses",
                columns: table => new
                {
                    WebhookId = table.Column<string>(type: "TEXT", nullable: false),
                    Waiting = table.Column<int>(type: "INTEGER", nullable: false),
                    LastAttemptAt = table.Column<long>(type: "INTEGER", nullable: true),
                    LastOutcome = table.Column<string>(type: "TEXT", nullable: true),
                    LastReason = table.Column<string>(type: "TEXT", nullable: true),
                    LastSuccessAt = table.Column<long>(type: "INTEGER", nullable: true),
                    FailingSince = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Pulses", x => x.WebhookId);
                });
            migrationBuilder.Sql("""
                INSERT INTO Pulses (WebhookId, Waiting, LastAttemptAt, LastOutcome, LastReason, LastSuccessAt, FailingSince)
                SELECT w.Id, (SELECT COUNT(*) FROM Deliveries d WHERE d.WebhookId = w.Id AND d.Status IN ('Queued', 'Claimed', 'ReplayScheduled')),
                    p.LastAttemptAt, p.LastOutcome, p.LastReason, p.LastSuccessAt, p.FailingSince
                FROM Webhooks w LEFT JOIN OldPulses p ON p.WebhookId = w.Id
                """);
            migrationBuilder.DropTable(name: "OldPulses");

            migrationBuilder.AddColumn<long>(
                name: "SlaBreachedAt",
                table: "Deliveries",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Trigger",
                table: "Deliveries",
                type: "TEXT",
                nullable: false,
                defaultValue: "Scheduled");

            migrationBuilder.CreateTable(
                name: "DeliveryCounts",
                columns: table => new
                {
                    WebhookId = table.Column<string>(type: "TEXT", nullable: false),
                    Hour = table.Column<long>(type: "INTEGER", nullable: false),
                    OrgId = table.Column<int>(type: "INTEGER", nullable: false),
                    Pending = table.Column<int>(type: "INTEGER", nullable: false),
                    Retrying = table.Column<int>(type: "INTEGER", nullable: false),
                    Delivered = table.Column<int>(type: "INTEGER", nullable: false),
                    Failed = table.Column<int>(type: "INTEGER", nullable: false),
                    Expired = table.Column<int>(type: "INTEGER", nullable: false),
                    Cancelled = table.Column<int>(type: "INTEGER", nullable: false),
                    SlaBreaches = table.Column<int>(type: "INTEGER", nullable: false),
                    LatencyMs = table.Column<double>(type: "REAL", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DeliveryCounts", x => new { x.WebhookId, x.Hour });
                });

            migrationBuilder.CreateTable(
                name: "ReplayJobs",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    OrgId = table.Column<int>(type: "INTEGER", nullable: false),
                    WebhookId = table.Column<string>(type: "TEXT", nullable: false),
                    Filter = table.Column<string>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", nullable: false),
                    Total = table.Column<int>(type: "INTEGER", nullable: false),
                    Queued = table.Column<int>(type: "INTEGER", nullable: false),
                    Cursor = table.Column<long>(type: "INTEGER", nullable: false),
                    LastId = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    EndedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReplayJobs", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Deliveries_Claimed",
                table: "Deliveries",
                column: "ClaimId",
                filter: "\"Status\" = 'Claimed'");

            migrationBuilder.CreateIndex(
                name: "IX_ReplayJobs_State",
                table: "ReplayJobs",
                column: "State",
                filter: "\"State\" = 'Running'");

            migrationBuilder.CreateIndex(
                name: "IX_ReplayJobs_WebhookId_Id",
                table: "ReplayJobs",
                columns: new[] { "WebhookId", "Id" });

            // What was there before the counts: counted once.
            migrationBuilder.Sql("""
                INSERT INTO DeliveryCounts (WebhookId, Hour, OrgId, Pending, Retrying, Delivered, Failed, Expired, Cancelled, SlaBreaches, LatencyMs)
                SELECT WebhookId, AcceptedAt - AcceptedAt % 36000000000, OrgId, SUM(Status = 'Queued' OR (Status = 'Claimed' AND Attempts = 0)),
                    SUM(Status = 'ReplayScheduled' OR (Status = 'Claimed' AND Attempts > 0)), SUM(Status = 'Delivered'), SUM(Status = 'Rejected'), SUM(Status = 'Expired'), SUM(Status = 'Cancelled'),
                    0, SUM(CASE WHEN Status = 'Delivered' THEN (EndedAt - AcceptedAt) / 10000.0 ELSE 0 END)
                FROM Deliveries GROUP BY WebhookId, AcceptedAt - AcceptedAt % 36000000000
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "DeliveryCounts");

            migrationBuilder.DropTable(
                name: "ReplayJobs");

            migrationBuilder.DropIndex(
                name: "IX_Deliveries_Claimed",
                table: "Deliveries");

            migrationBuilder.DropColumn(
                name: "ReplayThrottled",
                table: "Webhooks");

            migrationBuilder.DropColumn(
                name: "ReplayWindowHours",
                table: "Webhooks");

            migrationBuilder.DropColumn(
                name: "Waiting",
                table: "Pulses");

            migrationBuilder.DropColumn(
                name: "SlaBreachedAt",
                table: "Deliveries");

            migrationBuilder.DropColumn(
                name: "Trigger",
                table: "Deliveries");

            migrationBuilder.RenameColumn(
                name: "SlaDueAt",
                table: "Deliveries",
                newName: "LeaseUntil");

            migrationBuilder.CreateIndex(
                name: "IX_EventMessages_AcceptedAt",
                table: "EventMessages",
                column: "AcceptedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Deliveries_Lease",
                table: "Deliveries",
                column: "LeaseUntil",
                filter: "\"Status\" = 'Claimed'");
        }
    }
}
