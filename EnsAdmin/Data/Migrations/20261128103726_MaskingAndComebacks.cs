using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class MaskingAndComebacks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "AskedUntil",
                table: "Pulses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "CameBackAt",
                table: "Pulses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "MaskedAt",
                table: "EventMessages",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "AskedUntil",
                table: "Pulses");

            migrationBuilder.DropColumn(
                name: "CameBackAt",
                table: "Pulses");

            migrationBuilder.DropColumn(
                name: "MaskedAt",
                table: "EventMessages");
        }
    }
}
