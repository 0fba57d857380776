namespace EnsAdmin.Domain;

/// <summary>
/// What was put into a payload, and where: all that is stored of an enriched one beside the event's own. A zero byte, the number of pieces, of each its place in the event's
/// payload and its length (numbers in groups of 7 bits, the lowest first), and their bytes one after the other. What begins with no zero is a whole payload: one that was masked, or stored by an older version.
/// </summary>
public static class PayloadAdditions
{
    /// <param name="pieces">In the order of their places; where each begins and ends in <paramref name="added"/>.</param>
    public static byte[] Write(ReadOnlySpan<(int At, int From, int To)> pieces, ReadOnlySpan<byte> added)
    {
        var most = (pieces.Length * 2 + 1) * 5 + 1;
        Span<byte> places = most <= 1024 ? stackalloc byte[most] : new byte[most];
        var length = 1;
        places[0] = 0;
        WriteNumber(places, ref length, pieces.Length);
        foreach (var (at, from, to) in pieces)
        {
            WriteNumber(places, ref length, at);
            WriteNumber(places, ref length, to - from);
        }

        var stored = GC.AllocateUninitializedArray<byte>(length + added.Length);
        places[..length].CopyTo(stored);
        foreach (var (_, from, to) in pieces)
        {
            added[from..to].CopyTo(stored.AsSpan(length));
            length += to - from;
        }

        return stored;
    }

    /// <summary>The payload as it is sent.</summary>
    /// <param name="payload">The event's own.</param>
    /// <param name="stored">What is stored of the enriched one; null where there is none.</param>
    public static byte[] Apply(byte[] payload, byte[]? stored)
    {
        if (stored is null) return payload;
        if (stored[0] != 0) return stored;
        var read = 1;
        var count = ReadNumber(stored, ref read);
        Span<(int At, int Length)> pieces = new (int, int)[count];
        var added = 0;
        foreach (ref var piece in pieces)
        {
            piece = (ReadNumber(stored, ref read), ReadNumber(stored, ref read));
            added += piece.Length;
        }

        var whole = GC.AllocateUninitializedArray<byte>(payload.Length + added);
        var (from, to) = (0, 0);
        foreach (var (at, length) in pieces)
        {
            Copy(payload.AsSpan(from, at - from));
            from = at;
            Copy(stored.AsSpan(read, length));
            read += length;
        }

        Copy(payload.AsSpan(from));
        return whole;

        void Copy(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(whole.AsSpan(to));
            to += bytes.Length;
        }
    }

    private static void WriteNumber(Span<byte> into, ref int at, int number)
    {
        for (; number >= 0x80; number >>= 7) into[at++] = (byte)(number | 0x80);
        into[at++] = (byte)number;
    }

    private static int ReadNumber(ReadOnlySpan<byte> from, ref int at)
    {
        for (int number = 0, shift = 0; ; shift += 7)
        {
            var group = from[at++];
            number |= (group & 0x7F) << shift;
            if (group < 0x80) return number;
        }
    }
}
