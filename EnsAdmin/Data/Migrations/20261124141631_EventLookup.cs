using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class EventLookup : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_EventMessages_OrgId_ApiRequestId",
                table: "EventMessages",
                columns: new[] { "OrgId", "ApiRequestId" });

            migrationBuilder.CreateIndex(
                name: "IX_EventMessages_OrgId_RefId",
                table: "EventMessages",
                columns: new[] { "OrgId", "RefId" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_EventMessages_OrgId_ApiRequestId",
                table: "EventMessages");

            migrationBuilder.DropIndex(
                name: "IX_EventMessages_OrgId_RefId",
                table: "EventMessages");
        }
    }
}
