using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Tests.Data;

/// <summary>What was read beside the writer counts only while nothing of it has changed.</summary>
public sealed class DirectoryChangesTests
{
    private readonly DirectoryChanges _changes = new(size: 8);

    [Fact]
    public void What_nobody_changed_holds_and_what_was_changed_since_does_not()
    {
        var before = _changes.Mark;
        _changes.Changed(1, DirectoryKind.Customers.Number, 42);
        Assert.False(Holds(before, customer: 42)); // Also within the transaction that changes it.
        Assert.True(Holds(before, customer: 43));
        Assert.True(_changes.AreCurrent(2, Needs(42), before)); // Another organization's.
        _changes.Ended();
        Assert.False(Holds(before, customer: 42));
        Assert.True(Holds(_changes.Mark, customer: 42));
    }

    [Fact]
    public void What_others_may_have_changed_holds_no_more()
    {
        var before = _changes.Mark;
        _changes.ChangedByOthers();
        Assert.False(Holds(before, 1));
        _changes.Ended();
        Assert.True(Holds(_changes.Mark, 1));
    }

    [Fact]
    public void Of_more_changes_than_it_can_remember_it_says_none_too_few()
    {
        var before = _changes.Mark;
        for (var i = 0; i < 100; i++)
        {
            _changes.Changed(1, DirectoryKind.Customers.Number, i);
            _changes.Ended();
            Assert.False(Holds(before, customer: 0));
            Assert.False(Holds(before, customer: i));
            Assert.True(Holds(_changes.Mark, customer: i));
        }
    }

    [Fact]
    public void A_change_of_a_store_or_a_till_is_told_apart_from_one_of_a_customer()
    {
        _changes.Changed(1, DirectoryKind.Customers.Number, 42);
        Assert.Equal(0, _changes.NewestPlace);
        _changes.Changed(1, DirectoryKind.Tills.Number, 7);
        Assert.Equal(1, _changes.NewestPlace);
    }

    [Fact]
    public void A_balance_leaves_alone_what_was_read_of_identifiers()
    {
        var before = _changes.Mark;
        _changes.Changed(1, DirectoryChanges.Told, 42);
        Assert.True(Holds(before, customer: 42));
        Assert.False(_changes.AreCurrent(1, new DirectoryNeeds { Customers = { 42 }, Told = { 42 } }, before));
    }

    private bool Holds(long mark, long customer) => _changes.AreCurrent(1, Needs(customer), mark);

    private static DirectoryNeeds Needs(long customer) => new() { Customers = { customer } };
}
