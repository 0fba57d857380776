using System.Diagnostics.CodeAnalysis;
using EnsAdmin.Data;
using EnsAdmin.Network;
using EnsAdmin.Protection;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Hosting;

/// <summary>The program cannot start, for a reason that whoever starts it can mend; the message is what they read.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "What it is called where it is thrown: a failure to start.")]
public sealed class StartupFailure(string message, Exception? inner = null) : Exception(message, inner)
{
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel.Core";
    private const string Unbound = "Failed to convert configuration value ";

    /// <summary>What to print instead of a stack trace; null where the exception is a fault of the program.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartupFailure or AddressNotFreeException or KeysUnusableException or DatabaseTooNewException or DatabaseUnusableException => exception.Message,
        IOException { InnerException: AddressInUseException } => $"{exception.Message.TrimEnd('.')}. {ListenAddresses.AnotherAddress}",
        InvalidDataException { InnerException: not null } => $"{exception.Message} {FirstLine(exception.GetBaseException().Message)}",
        InvalidOperationException { Source: Kestrel } => FirstLine(exception.Message),
        InvalidOperationException { Message: var unbound } when unbound.StartsWith(Unbound, StringComparison.Ordinal) => $"EnsAdmin cannot start, a setting is wrong: {unbound[Unbound.Length..].Split(" to type ")[0]}.",
        DirectoryNotFoundException => $"There is no directory {FirstLine(exception.Message)}; give another --contentRoot.",
        SqliteException => $"The database in the data directory cannot be used: {FirstLine(exception.Message)}",
        { InnerException: { } cause } => Explain(cause),
        _ => null,
    };

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();
}
