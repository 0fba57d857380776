using System.Security.Claims;
using EnsAdmin.Domain;
using EnsAdmin.People;

namespace EnsAdmin.Tests.People;

public sealed class RoleMappingTests
{
    [Theory]
    [InlineData("brand-manager=Admin; coffee=1655:Viewer; platform=Operator", 3)]
    [InlineData("cn=coffee,ou=teams=7:admin", 1)]
    [InlineData("", 0)]
    [InlineData("coffee", null)]
    [InlineData("coffee=Owner", null)]
    [InlineData("coffee=1655:Operator", null)]
    [InlineData("coffee=x:Admin", null)]
    [InlineData("coffee=1", null)]
    public void Rules_are_read_or_refused(string text, int? rules) => Assert.Equal(rules, RoleMapping.Read(text)?.Count);

    [Fact]
    public void The_greater_of_several_roles_counts_and_only_a_rule_makes_an_operator()
    {
        var options = new ProviderOptions { RoleClaim = "groups", OrganizationClaim = "brands", Mapping = "readers=1655:Viewer; team=1655:Admin" };
        Claim[] claims = [new("groups", "team"), new("groups", "readers"), new("groups", "operator"), new("groups", "viewer"), new("brands", "7"), new("brands", "x"), new("brands", "-1")];

        var given = RoleMapping.Of(claims, options);

        Assert.False(given.IsOperator);
        Assert.Equal([(7, Role.Viewer), (1655, Role.Admin)], given.Roles.OrderBy(r => r.Key).Select(r => (r.Key, r.Value)));
        options.Mapping = "operator=Operator";
        Assert.True(RoleMapping.Of(claims, options).IsOperator);
        options.RoleClaim = null;
        Assert.True(RoleMapping.Of(claims, options).IsNothing);
    }
}
