using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EnsAdmin.Data;

/// <summary>
/// A prepared SQL statement with positional parameters (?1, ?2, …), run without the allocations of ADO.NET: the hot path runs some of these for each
/// delivery. Not safe for threads. Errors come as <see cref="SqliteException"/>.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Action _ran;

    /// <param name="ran">Told of every run, to count them.</param>
    public Statement(sqlite3 database, string sql, Action ran)
    {
        (_database, _ran) = (database, ran);
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement), database);
    }

    /// <returns>The number of rows changed.</returns>
    public int Execute(params ReadOnlySpan<SqlValue> values)
    {
        try
        {
            Start(values);
            while (Step()) { }
            return raw.sqlite3_changes(_database);
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    /// <returns>The new row's id; null when there was a conflict and nothing was inserted.</returns>
    public long? Insert(params ReadOnlySpan<SqlValue> values) => Execute(values) == 0 ? null : raw.sqlite3_last_insert_rowid(_database);

    /// <returns>The first column of the first row; null when there is none or it is NULL.</returns>
    public long? Number(params ReadOnlySpan<SqlValue> values)
    {
        try
        {
            Start(values);
            return Step() ? new Row(_statement).LongOrNull(0) : null;
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    public List<T> Read<T>(Func<Row, T> read, params ReadOnlySpan<SqlValue> values)
    {
        try
        {
            Start(values);
            var rows = new List<T>();
            while (Step()) rows.Add(read(new Row(_statement)));
            return rows;
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Start(ReadOnlySpan<SqlValue> values)
    {
        _ran();
        for (var i = 0; i < values.Length; i++)
        {
            var rc = values[i].Bind(_statement, i + 1);
            if (rc != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(rc, _database);
        }
    }

    private bool Step()
    {
        var rc = raw.sqlite3_step(_statement);
        if (rc == raw.SQLITE_ROW) return true;
        if (rc != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(rc, _database);
        return false;
    }
}

/// <summary>A row under the statement's cursor; good until the next step.</summary>
internal readonly struct Row(sqlite3_stmt statement)
{
    public long Long(int column) => raw.sqlite3_column_int64(statement, column);

    public int Int(int column) => raw.sqlite3_column_int(statement, column);

    public bool Flag(int column) => Int(column) != 0;

    public string? TextOrNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL ? null : Text(column);
    public long? LongOrNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL ? null : Long(column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public byte[]? BlobOrNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL ? null : Blob(column);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(statement, column).ToArray();
}

/// <summary>A parameter's value, held without boxing.</summary>
internal readonly struct SqlValue
{
    private enum Kind : byte { Null, Long, Double, Text, Utf8, Blob }

    private readonly object? _reference;
    private readonly long _bits;
    private readonly Kind _kind;

    private SqlValue(Kind kind, long bits, object? reference) => (_kind, _bits, _reference) = (kind, bits, reference);

    public static implicit operator SqlValue(long value) => new(Kind.Long, value, null);

    public static implicit operator SqlValue(long? value) => value is { } v ? v : default(SqlValue);

    public static implicit operator SqlValue(double value) => new(Kind.Double, BitConverter.DoubleToInt64Bits(value), null);

    public static implicit operator SqlValue(string? value) => value is null ? default : new(Kind.Text, 0, value);

    public static implicit operator SqlValue(byte[]? value) => value is null ? default : new(Kind.Blob, 0, value);

    /// <summary>A text that is there in UTF-8 already.</summary>
    public static SqlValue Utf8(byte[] text) => new(Kind.Utf8, 0, text);

    public int Bind(sqlite3_stmt statement, int index) => _kind switch
    {
        Kind.Null => raw.sqlite3_bind_null(statement, index),
        Kind.Long => raw.sqlite3_bind_int64(statement, index, _bits),
        Kind.Double => raw.sqlite3_bind_double(statement, index, BitConverter.Int64BitsToDouble(_bits)),
        Kind.Text => BindText(statement, index, (string)_reference!),
        Kind.Utf8 => raw.sqlite3_bind_text(statement, index, ((byte[])_reference!).AsSpan()),
        _ => raw.sqlite3_bind_blob(statement, index, ((byte[])_reference!).AsSpan()),
    };

    private static int BindText(sqlite3_stmt statement, int index, string text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length) + 1);
        try
        {
            var length = Encoding.UTF8.GetBytes(text, buffer);
            return raw.sqlite3_bind_text(statement, index, buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
