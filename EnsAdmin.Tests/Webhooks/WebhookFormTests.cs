using System.Net;
using EnsAdmin.Dispatch;
using Microsoft.Extensions.Options;
using EnsAdmin.Catalog;
using EnsAdmin.Webhooks;

namespace EnsAdmin.Tests.Webhooks;

public sealed class WebhookFormTests
{
    private static readonly WebhookInputValidator Rules = new(EventCatalog.LoadEmbedded(), new AddressGuard(Options.Create(new DeliveryOptions()), Dns.GetHostAddressesAsync, TimeProvider.System));

    [Fact]
    public async Task A_taken_name_stays_an_error_until_it_is_changed_and_a_free_one_is_suggested()
    {
        var form = new WebhookForm(Rules, null);
        form.Input.Name = "orders";
        await form.CheckNameAsync(name => Task.FromResult(name is "orders" or "orders-2"));

        form.Touch(nameof(WebhookInput.Url));
        Assert.Equal("A webhook of this name exists. Try orders-3.", form.Errors[nameof(WebhookInput.Name)]);
        Assert.False(form.CheckAll());
        form.Input.Name = "orders-3";
        form.Touch(nameof(WebhookInput.Name));
        Assert.DoesNotContain(nameof(WebhookInput.Name), form.Errors.Keys);
    }

    [Fact]
    public void What_the_store_found_stays_until_its_field_is_touched()
    {
        var form = new WebhookForm(Rules, null);
        form.Show([new FieldError("Url", "Not that one.", 400)]);

        form.Touch(nameof(WebhookInput.MaxConnections));
        Assert.Equal("Not that one.", form.Errors["Url"]);
        form.Input.Url = "https://other.example";
        form.Touch(nameof(WebhookInput.Url));
        Assert.Empty(form.Errors);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/hooks")]
    [InlineData("http://2130706433/")]
    [InlineData("http://[::1]/")]
    public void A_blocked_address_is_refused_beside_its_field_with_the_setting_that_opens_it(string url)
    {
        var form = new WebhookForm(Rules, null);
        form.Input.Url = url;
        form.Touch(nameof(WebhookInput.Url));
        Assert.Contains("Ens:Delivery:AllowedNetworks", form.Errors[nameof(WebhookInput.Url)], StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_of_a_removed_header_does_not_move_to_the_next_one()
    {
        var form = new WebhookForm(Rules, null);
        form.Input.Headers.AddRange([new HeaderInput(), new HeaderInput()]);
        form.Touch("Headers[0].Name");
        Assert.Contains("Headers[0].Name", form.Errors.Keys);

        form.RemoveHeader(form.Input.Headers[0]);
        Assert.Empty(form.Errors);
    }

    [Fact]
    public void Replacing_a_stored_value_needs_a_value()
    {
        var form = new WebhookForm(Rules, Stored("X-Key"));
        Assert.True(form.CheckAll());

        form.Input.Headers[0].Value = "";
        Assert.False(form.CheckAll());
        Assert.Equal("Give the header a value.", form.Errors["Headers[0].Value"]);
    }

    [Fact]
    public void Saving_over_anothers_version_asks_for_the_value_of_a_header_they_removed()
    {
        var form = new WebhookForm(Rules, Stored("X-Key", "X-Brand"));
        form.Overwrite(Stored("X-Brand"));

        Assert.False(form.CheckAll());
        Assert.Equal(["Headers[0].Value"], form.Errors.Keys);
    }

    [Fact]
    public void It_is_changed_only_while_it_differs_from_what_it_was_opened_with()
    {
        var form = new WebhookForm(Rules, Stored());
        Assert.False(form.IsChanged);
        form.Input.Till = true;
        Assert.True(form.IsChanged);
        form.Input.Till = false;
        Assert.False(form.IsChanged);
    }

    private static WebhookDetails Stored(params string[] headers) => new("id", 1655, "orders", "https://orders.example", "POST", true, 20, 30, false, null,
        EnsAdmin.Domain.PayloadEnrichment.None, headers, ["pointsIssued"], Guid.Empty, 1, default, "a", default, "b");
}
