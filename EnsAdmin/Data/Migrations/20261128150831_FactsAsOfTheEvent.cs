using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class FactsAsOfTheEvent : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "ToEnrich",
                table: "Deliveries",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "EarlierRecords",
                columns: table => new
                {
                    OrgId = table.Column<int>(type: "INTEGER", nullable: false),
                    Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    RecordId = table.Column<long>(type: "INTEGER", nullable: false),
                    UpTo = table.Column<long>(type: "INTEGER", nullable: false),
                    Facts = table.Column<string>(type: "TEXT", nullable: true),
                    Origin = table.Column<string>(type: "TEXT", nullable: false),
                    OriginAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EarlierRecords", x => new { x.OrgId, x.Kind, x.RecordId, x.UpTo });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Deliveries_ToEnrich",
                table: "Deliveries",
                columns: new[] { "OrgId", "EventMessageId" },
                filter: "\"ToEnrich\"");

            migrationBuilder.CreateIndex(
                name: "IX_EarlierRecords_OrgId_UpTo",
                table: "EarlierRecords",
                columns: new[] { "OrgId", "UpTo" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "EarlierRecords");

            migrationBuilder.DropIndex(
                name: "IX_Deliveries_ToEnrich",
                table: "Deliveries");

            migrationBuilder.DropColumn(
                name: "ToEnrich",
                table: "Deliveries");
        }
    }
}
