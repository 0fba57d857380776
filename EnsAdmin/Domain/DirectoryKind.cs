namespace EnsAdmin.Domain;

/// <summary>What form the value of a field has. All are kept as text; null is no value.</summary>
public enum FieldForm
{
    /// <summary>At most <see cref="DirectoryRecord.MaxText"/> characters on one line.</summary>
    Text,
    /// <summary>A whole number from 0 on.</summary>
    Number,
    /// <summary>IANA id.</summary>
    TimeZone,
    /// <summary>JSON: <c>[{"number":"…","externalId":"…"}]</c>, either of the two.</summary>
    Cards,
    /// <summary>JSON, the <c>accounts</c> of a source as events carry them: <c>[{"accountId":"…","identifiers":[{"identifierType":"…","identifierValue":"…"}]}]</c>.</summary>
    Accounts,
}

/// <param name="Name">As the API and the files spell it; <c>instore.mobile</c> is inside <c>instore</c>.</param>
/// <param name="Column">Of its table.</param>
/// <param name="Words">As the screens call it.</param>
public sealed record DirectoryField(string Name, string Column, FieldForm Form, string Words);

/// <summary>Stores, tills or customers: what a record of the directory has.</summary>
public sealed class DirectoryKind
{
    private DirectoryKind(int number, string name, string one, params DirectoryField[] fields)
    {
        (Number, Name, One, Fields) = (number, name, one, fields);
        Table = char.ToUpperInvariant(name[0]) + name[1..];
        IdName = one + "Id";
        IdColumn = char.ToUpperInvariant(IdName[0]) + IdName[1..];
        JsonNames = [.. fields.Select(f => f.Column).Concat(name == "customers" ? ["Points", "Awards"] : []).Select(System.Text.Encoding.UTF8.GetBytes)];
    }

    public static DirectoryKind Stores { get; } = new(0, "stores", "store",
        new("code", "Code", FieldForm.Text, "Code"), new("name", "Name", FieldForm.Text, "Name"), new("externalId", "ExternalId", FieldForm.Text, "External id"),
        new("externalId1", "ExternalId1", FieldForm.Text, "External id 1"), new("externalId2", "ExternalId2", FieldForm.Text, "External id 2"), new("timeZone", "TimeZone", FieldForm.TimeZone, "Time zone"));

    public static DirectoryKind Tills { get; } = new(1, "tills", "till",
        new("code", "Code", FieldForm.Text, "Code"), new("name", "Name", FieldForm.Text, "Name"), new("storeId", "StoreId", FieldForm.Number, "Store"));

    public static DirectoryKind Customers { get; } = new(2, "customers", "customer",
        new("instore.id", "InstoreId", FieldForm.Number, "InStore profile id"), new("instore.mobile", "Mobile", FieldForm.Text, "Mobile"), new("instore.email", "Email", FieldForm.Text, "E-mail"),
        new("instore.externalId", "ExternalId", FieldForm.Text, "External id"), new("instore.cards", "Cards", FieldForm.Cards, "Cards"),
        new("ecommerce", "Ecommerce", FieldForm.Accounts, "Ecommerce"), new("facebook", "Facebook", FieldForm.Accounts, "Facebook"), new("wechat", "WeChat", FieldForm.Accounts, "WeChat"),
        new("tmall", "Tmall", FieldForm.Accounts, "Tmall"), new("toabao", "Taobao", FieldForm.Accounts, "Taobao"), new("web_engage", "WebEngage", FieldForm.Accounts, "WebEngage"),
        new("line", "Line", FieldForm.Accounts, "Line"), new("martjack", "Martjack", FieldForm.Accounts, "Martjack"), new("jd", "JD", FieldForm.Accounts, "JD"), new("website", "Website", FieldForm.Accounts, "Website"));

    public static IReadOnlyList<DirectoryKind> All { get; } = [Stores, Tills, Customers];

    /// <summary>Its place in <see cref="All"/>, and its number in the database.</summary>
    public int Number { get; }

    /// <summary>In addresses and commands.</summary>
    public string Name { get; }

    /// <summary>The word for one of them.</summary>
    public string One { get; }

    /// <summary>As the API and the files spell the id, such as <c>storeId</c>.</summary>
    public string IdName { get; }

    public string Table { get; }
    public string IdColumn { get; }
    public IReadOnlyList<DirectoryField> Fields { get; }

    /// <summary>The names in a <see cref="RecordJson"/>, in UTF-8: the columns of the fields, and of a customer what events tell besides.</summary>
    public IReadOnlyList<byte[]> JsonNames { get; }

    /// <summary>The place of a field among <see cref="Fields"/>; -1 where there is none of this name.</summary>
    public int IndexOf(string field)
    {
        for (var i = 0; i < Fields.Count; i++)
            if (Fields[i].Name == field) return i;
        return -1;
    }

    /// <summary>Null where there is none of this name.</summary>
    public static DirectoryKind? Find(string? name) => All.FirstOrDefault(k => k.Name == name);
}

/// <summary>Places of the fields of a store, in <see cref="DirectoryRecord.Values"/>.</summary>
public static class StoreFields
{
    public const int Code = 0, Name = 1, ExternalId = 2, ExternalId1 = 3, ExternalId2 = 4, TimeZone = 5;
}

/// <summary>Places of the fields of a till.</summary>
public static class TillFields
{
    public const int Code = 0, Name = 1, StoreId = 2;
}

/// <summary>Places of the fields of a customer. After the InStore profile the other sources follow, each with its accounts; then, in a <see cref="RecordJson"/> alone, balances and awards.</summary>
public static class CustomerFields
{
    public const int InstoreId = 0, Mobile = 1, Email = 2, ExternalId = 3, Cards = 4, FirstSource = 5, Points = 15, Awards = 16;
}
