using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class ReplayedByHand : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "ReplayedAfter",
                table: "Deliveries",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "ReplayedAt",
                table: "Deliveries",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_Deliveries_Sla",
                table: "Deliveries",
                column: "SlaDueAt",
                filter: "\"EndedAt\" IS NULL AND \"SlaBreachedAt\" IS NULL AND \"SlaDueAt\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Deliveries_Sla",
                table: "Deliveries");

            migrationBuilder.DropColumn(
                name: "ReplayedAfter",
                table: "Deliveries");

            migrationBuilder.DropColumn(
                name: "ReplayedAt",
                table: "Deliveries");
        }
    }
}
