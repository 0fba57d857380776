using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop.Infrastructure;

namespace EnsAdmin.Tests.Support;

/// <summary>Stands in for the script by which a page changes the query of its own address.</summary>
internal sealed class ReplacedQuery(Func<NavigationManager> navigation) : JSRuntimeInvocationHandler(i => i.Identifier == "ensAdmin.replaceQuery", false)
{
    protected override Task<IJSVoidResult> HandleAsync(JSRuntimeInvocation invocation)
    {
        var address = navigation().ToAbsoluteUri((string)invocation.Arguments[0]!);
        if (address.AbsolutePath == new Uri(navigation().Uri).AbsolutePath) navigation().NavigateTo(address.AbsoluteUri, replace: true);
        SetVoidResult();
        return base.HandleAsync(invocation);
    }
}
