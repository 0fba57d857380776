using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class AuditTrail : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_AuditEntries_OrgId_Id",
                table: "AuditEntries");

            migrationBuilder.AddColumn<Guid>(
                name: "SessionId",
                table: "AuditEntries",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_Installation",
                table: "AuditEntries",
                columns: new[] { "At", "Action", "By", "KeyId", "Subject" });

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_Organization",
                table: "AuditEntries",
                columns: new[] { "OrgId", "At", "Action", "By", "KeyId", "Subject" });

            foreach (var verb in new[] { "UPDATE", "DELETE" })
                migrationBuilder.Sql($"CREATE TRIGGER AuditEntries_no_{verb} BEFORE {verb} ON AuditEntries BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var verb in new[] { "UPDATE", "DELETE" }) migrationBuilder.Sql($"DROP TRIGGER AuditEntries_no_{verb};");

            migrationBuilder.DropIndex(
                name: "IX_AuditEntries_Installation",
                table: "AuditEntries");

            migrationBuilder.DropIndex(
                name: "IX_AuditEntries_Organization",
                table: "AuditEntries");

            migrationBuilder.DropColumn(
                name: "SessionId",
                table: "AuditEntries");

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_OrgId_Id",
                table: "AuditEntries",
                columns: new[] { "OrgId", "Id" });
        }
    }
}
