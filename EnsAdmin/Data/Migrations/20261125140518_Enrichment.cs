using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class Enrichment : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Where EF would build the table anew, outside of the transaction.
            migrationBuilder.Sql("ALTER TABLE Deliveries DROP COLUMN Body");

            migrationBuilder.AddColumn<long>(
                name: "EnrichedId",
                table: "Deliveries",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "EnrichedBodies",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false),
                    OrgId = table.Column<int>(type: "INTEGER", nullable: false),
                    Body = table.Column<byte[]>(type: "BLOB", nullable: true),
                    Unknown = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EnrichedBodies", x => x.Id);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "EnrichedBodies");

            migrationBuilder.Sql("ALTER TABLE Deliveries DROP COLUMN EnrichedId");

            migrationBuilder.AddColumn<byte[]>(
                name: "Body",
                table: "Deliveries",
                type: "BLOB",
                nullable: true);
        }
    }
}
