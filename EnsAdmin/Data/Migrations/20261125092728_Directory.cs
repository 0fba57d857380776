using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class Directory : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // WITHOUT ROWID, which EF cannot say: these are looked up by their keys alone, and a key of its own beside each table would double a million rows.
            migrationBuilder.AddColumn<bool>(
                name: "LearnsFromEvents",
                table: "Organizations",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.Sql("""
                CREATE TABLE "AwardedReferences" (
                    "OrgId" INTEGER NOT NULL,
                    "CustomerId" INTEGER NOT NULL,
                    "EventKey" TEXT NOT NULL,
                    "Reference" TEXT NOT NULL,
                    "ReferenceType" TEXT NULL,
                    "Origin" TEXT NOT NULL,
                    "OriginAt" INTEGER NOT NULL,
                    CONSTRAINT "PK_AwardedReferences" PRIMARY KEY ("OrgId", "CustomerId", "EventKey")
                ) WITHOUT ROWID
                """);

            migrationBuilder.Sql("""
                CREATE TABLE "CustomerPoints" (
                    "OrgId" INTEGER NOT NULL,
                    "CustomerId" INTEGER NOT NULL,
                    "ProgramId" INTEGER NOT NULL,
                    "Available" REAL NOT NULL,
                    "Origin" TEXT NOT NULL,
                    "OriginAt" INTEGER NOT NULL,
                    CONSTRAINT "PK_CustomerPoints" PRIMARY KEY ("OrgId", "CustomerId", "ProgramId")
                ) WITHOUT ROWID
                """);

            migrationBuilder.Sql("""
                CREATE TABLE "Customers" (
                    "OrgId" INTEGER NOT NULL,
                    "CustomerId" INTEGER NOT NULL,
                    "InstoreId" INTEGER NULL,
                    "Mobile" TEXT NULL,
                    "Email" TEXT NULL,
                    "ExternalId" TEXT NULL,
                    "Cards" TEXT NULL,
                    "Ecommerce" TEXT NULL,
                    "Facebook" TEXT NULL,
                    "WeChat" TEXT NULL,
                    "Tmall" TEXT NULL,
                    "Taobao" TEXT NULL,
                    "WebEngage" TEXT NULL,
                    "Line" TEXT NULL,
                    "Martjack" TEXT NULL,
                    "JD" TEXT NULL,
                    "Website" TEXT NULL,
                    "Origin" TEXT NOT NULL,
                    "OriginAt" INTEGER NOT NULL,
                    "Exceptions" TEXT NULL,
                    "LearnsAfter" INTEGER NOT NULL,
                    CONSTRAINT "PK_Customers" PRIMARY KEY ("OrgId", "CustomerId")
                ) WITHOUT ROWID
                """);

            migrationBuilder.Sql("""
                CREATE TABLE "DirectoryIdentifiers" (
                    "OrgId" INTEGER NOT NULL,
                    "Kind" INTEGER NOT NULL,
                    "Value" TEXT NOT NULL,
                    "RecordId" INTEGER NOT NULL,
                    CONSTRAINT "PK_DirectoryIdentifiers" PRIMARY KEY ("OrgId", "Kind", "Value", "RecordId")
                ) WITHOUT ROWID
                """);

            migrationBuilder.CreateTable(
                name: "ImportJobs",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    OrgId = table.Column<int>(type: "INTEGER", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", nullable: false),
                    FileName = table.Column<string>(type: "TEXT", nullable: false),
                    Format = table.Column<string>(type: "TEXT", nullable: false),
                    Mapping = table.Column<string>(type: "TEXT", nullable: true),
                    AllOrNothing = table.Column<bool>(type: "INTEGER", nullable: false),
                    DryRun = table.Column<bool>(type: "INTEGER", nullable: false),
                    State = table.Column<string>(type: "TEXT", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    BytesRead = table.Column<long>(type: "INTEGER", nullable: false),
                    Added = table.Column<long>(type: "INTEGER", nullable: false),
                    Changed = table.Column<long>(type: "INTEGER", nullable: false),
                    Unchanged = table.Column<long>(type: "INTEGER", nullable: false),
                    Refused = table.Column<long>(type: "INTEGER", nullable: false),
                    WrittenLine = table.Column<long>(type: "INTEGER", nullable: false),
                    IndexedLine = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    EndedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Reason = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImportJobs", x => x.Id);
                });

            migrationBuilder.Sql("""
                CREATE TABLE "Stores" (
                    "OrgId" INTEGER NOT NULL,
                    "StoreId" INTEGER NOT NULL,
                    "Code" TEXT NULL,
                    "Name" TEXT NULL,
                    "ExternalId" TEXT NULL,
                    "ExternalId1" TEXT NULL,
                    "ExternalId2" TEXT NULL,
                    "TimeZone" TEXT NULL,
                    "Origin" TEXT NOT NULL,
                    "OriginAt" INTEGER NOT NULL,
                    "Exceptions" TEXT NULL,
                    "LearnsAfter" INTEGER NOT NULL,
                    CONSTRAINT "PK_Stores" PRIMARY KEY ("OrgId", "StoreId")
                ) WITHOUT ROWID
                """);

            migrationBuilder.Sql("""
                CREATE TABLE "Tills" (
                    "OrgId" INTEGER NOT NULL,
                    "TillId" INTEGER NOT NULL,
                    "Code" TEXT NULL,
                    "Name" TEXT NULL,
                    "StoreId" INTEGER NULL,
                    "Origin" TEXT NOT NULL,
                    "OriginAt" INTEGER NOT NULL,
                    "Exceptions" TEXT NULL,
                    "LearnsAfter" INTEGER NOT NULL,
                    CONSTRAINT "PK_Tills" PRIMARY KEY ("OrgId", "TillId")
                ) WITHOUT ROWID
                """);

            migrationBuilder.CreateIndex(
                name: "IX_AwardedReferences_OriginAt",
                table: "AwardedReferences",
                column: "OriginAt");

            migrationBuilder.CreateIndex(
                name: "IX_ImportJobs_OrgId_Id",
                table: "ImportJobs",
                columns: new[] { "OrgId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ImportJobs_State",
                table: "ImportJobs",
                column: "State",
                filter: "\"State\" IN ('Waiting', 'Checking', 'Writing')");

            migrationBuilder.CreateIndex(
                name: "IX_Tills_OrgId_StoreId",
                table: "Tills",
                columns: new[] { "OrgId", "StoreId" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AwardedReferences");

            migrationBuilder.DropTable(
                name: "CustomerPoints");

            migrationBuilder.DropTable(
                name: "Customers");

            migrationBuilder.DropTable(
                name: "DirectoryIdentifiers");

            migrationBuilder.DropTable(
                name: "ImportJobs");

            migrationBuilder.DropTable(
                name: "Stores");

            migrationBuilder.DropTable(
                name: "Tills");

            migrationBuilder.DropColumn(
                name: "LearnsFromEvents",
                table: "Organizations");
        }
    }
}
