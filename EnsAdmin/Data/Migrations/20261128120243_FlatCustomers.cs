using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnsAdmin.Data.Migrations
{
    /// <inheritdoc />
    public partial class FlatCustomers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""ALTER TABLE "Customers" RENAME TO "CustomersBefore" """);

            migrationBuilder.CreateTable(
                name: "Customers",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false),
                    OrgId = table.Column<int>(type: "INTEGER", nullable: false),
                    CustomerId = table.Column<long>(type: "INTEGER", nullable: false),
                    Origin = table.Column<string>(type: "TEXT", nullable: false),
                    OriginAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Exceptions = table.Column<string>(type: "TEXT", nullable: true),
                    LearnsAfter = table.Column<long>(type: "INTEGER", nullable: false),
                    Facts = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Customers", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Customers_LongIds",
                table: "Customers",
                columns: new[] { "OrgId", "CustomerId" },
                unique: true,
                filter: "\"Id\" < 0");

            // Also customers of whom nothing but a balance or an award is known; json_patch leaves out what is null.
            migrationBuilder.Sql("""
                INSERT INTO Customers (Id, OrgId, CustomerId, Facts, Origin, OriginAt, Exceptions, LearnsAfter)
                SELECT CASE WHEN i.CustomerId <= 4294967295 THEN (i.OrgId << 32) + i.CustomerId ELSE -ROW_NUMBER() OVER () END, i.OrgId, i.CustomerId,
                    json_patch('{}', json_object('InstoreId', c.InstoreId, 'Mobile', c.Mobile, 'Email', c.Email, 'ExternalId', c.ExternalId, 'Cards', CASE WHEN json_valid(c.Cards) THEN json(c.Cards) END, 'Ecommerce', CASE WHEN json_valid(c.Ecommerce) THEN json(c.Ecommerce) END,
                        'Facebook', CASE WHEN json_valid(c.Facebook) THEN json(c.Facebook) END, 'WeChat', CASE WHEN json_valid(c.WeChat) THEN json(c.WeChat) END, 'Tmall', CASE WHEN json_valid(c.Tmall) THEN json(c.Tmall) END, 'Taobao', CASE WHEN json_valid(c.Taobao) THEN json(c.Taobao) END, 'WebEngage', CASE WHEN json_valid(c.WebEngage) THEN json(c.WebEngage) END, 'Line', CASE WHEN json_valid(c.Line) THEN json(c.Line) END,
                        'Martjack', CASE WHEN json_valid(c.Martjack) THEN json(c.Martjack) END, 'JD', CASE WHEN json_valid(c.JD) THEN json(c.JD) END, 'Website', CASE WHEN json_valid(c.Website) THEN json(c.Website) END,
                        'Points', (SELECT json(NULLIF(json_group_array(json_object('programId', ProgramId, 'available', Available, 'origin', Origin, 'originAt', OriginAt)), '[]'))
                            FROM (SELECT * FROM CustomerPoints p WHERE p.OrgId = i.OrgId AND p.CustomerId = i.CustomerId ORDER BY p.OriginAt)),
                        'Awards', (SELECT json(NULLIF(json_group_array(json_object('eventKey', EventKey, 'reference', Reference, 'referenceType', ReferenceType, 'origin', Origin, 'originAt', OriginAt)), '[]'))
                            FROM (SELECT * FROM (SELECT * FROM AwardedReferences a WHERE a.OrgId = i.OrgId AND a.CustomerId = i.CustomerId ORDER BY a.OriginAt DESC LIMIT 20) ORDER BY OriginAt)))),
                    COALESCE(c.Origin, ''), COALESCE(c.OriginAt, 0), c.Exceptions, COALESCE(c.LearnsAfter, 0)
                FROM (SELECT OrgId, CustomerId FROM CustomersBefore UNION SELECT OrgId, CustomerId FROM CustomerPoints UNION SELECT OrgId, CustomerId FROM AwardedReferences ORDER BY OrgId, CustomerId) i
                LEFT JOIN CustomersBefore c ON c.OrgId = i.OrgId AND c.CustomerId = i.CustomerId
                """);

            migrationBuilder.Sql("""DROP TABLE "CustomersBefore" """);

            migrationBuilder.DropTable(
                name: "AwardedReferences");

            migrationBuilder.DropTable(
                name: "CustomerPoints");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => throw new System.NotSupportedException("Put a backup from before the upgrade in its place.");
    }
}
