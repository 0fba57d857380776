using System.Text;
using EnsAdmin.Domain;

namespace EnsAdmin.Tests.Domain;

/// <summary>What is stored of an enriched payload makes the same bytes of the event's own every time.</summary>
public sealed class PayloadAdditionsTests
{
    [Fact]
    public void Any_pieces_at_any_places_come_back_where_they_were_put()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var chance = new Random(seed);
            var payload = new byte[chance.Next(1, 40_000)];
            chance.NextBytes(payload);
            payload[0] = (byte)'{';
            var places = Enumerable.Range(0, chance.Next(1, 60)).Select(_ => chance.Next(payload.Length + 1)).Order().ToList();
            var (added, expected, pieces, read) = (new MemoryStream(), new MemoryStream(), new List<(int, int, int)>(), 0);
            foreach (var at in places)
            {
                var piece = new byte[chance.Next(4) == 0 ? chance.Next(40_000) : chance.Next(200)];
                chance.NextBytes(piece);
                pieces.Add((at, (int)added.Length, (int)added.Length + piece.Length));
                added.Write(piece);
                expected.Write(payload, read, at - read);
                expected.Write(piece);
                read = at;
            }

            expected.Write(payload, read, payload.Length - read);
            var stored = PayloadAdditions.Write([.. pieces], added.ToArray());
            Assert.Equal(expected.ToArray(), PayloadAdditions.Apply(payload, stored));
        }
    }

    [Fact]
    public void A_payload_may_have_places_for_any_number_of_pieces()
    {
        var payload = new byte[200_000];
        payload[0] = (byte)'{';
        var stored = PayloadAdditions.Write([.. Enumerable.Range(0, 200_000).Select(i => (i, i, i + 1))], new byte[200_000]);
        Assert.Equal(400_000, PayloadAdditions.Apply(payload, stored).Length);
    }

    [Fact]
    public void Nothing_stored_is_the_event_itself_and_what_is_stored_whole_is_sent_as_it_is()
    {
        var payload = "{}"u8.ToArray();
        Assert.Same(payload, PayloadAdditions.Apply(payload, null));
        Assert.Equal("{\"masked\":1}", Encoding.UTF8.GetString(PayloadAdditions.Apply(payload, "{\"masked\":1}"u8.ToArray())));
    }
}
