namespace EnsAdmin.Catalog;

/// <summary>How many letters must be typed, dropped, changed or swapped with their neighbour to get from one name to another; case is free.</summary>
internal static class NameDistance
{
    public static int Between(string a, string b)
    {
        var twoBack = new int[b.Length + 1];
        var oneBack = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], oneBack[j]) + 1, oneBack[j - 1] + change);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) row[j] = Math.Min(row[j], twoBack[j - 2] + 1);
            }
            (twoBack, oneBack) = (oneBack, row);
        }
        return oneBack[b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
