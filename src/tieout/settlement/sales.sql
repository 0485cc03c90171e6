-- name: take
-- Sales are taken in the order of their names, so that two workers wait for each other instead of for ever.
select take_settlement(%(ledger)s, 'sale ' || s) from (select distinct unnest(%(sales)s::text[]) as s order by 1) t;

-- name: insert_facts
insert into sale_fact (ledger_id, sale, key, kind, occurred_at, content, event_id, actor)
select %(ledger)s, * from unnest(%(sales)s::text[], %(keys)s::text[], %(kinds)s::text[], %(times)s::timestamptz[],
  %(contents)s::jsonb[], %(events)s::bigint[], %(actors)s::text[])
on conflict (ledger_id, sale, key) do nothing returning sale, key;

-- name: insert_sales
insert into sale (ledger_id, sale, state) select %(ledger)s, s, 'open' from unnest(%(sales)s::text[]) s
on conflict do nothing;

-- name: facts
select f.sale, f.content::text from sale_fact f
 where f.ledger_id = %(ledger)s and f.sale = any(%(sales)s) order by f.sale, f.occurred_at, f.key;

-- name: sales
select s.sale, s.state, s.currency, s.captured_at, s.frozen::text, s.applied, s.waits_for, s.entries
  from sale s where s.ledger_id = %(ledger)s and s.sale = any(%(sales)s) order by s.sale;

-- name: put_sale
update sale set state = %(state)s, currency = coalesce(%(currency)s, currency), captured_at = %(captured)s,
       frozen = coalesce(%(frozen)s::jsonb, frozen), applied = %(applied)s::text[], waits_for = %(waits)s::text[],
       entries = %(entries)s
 where ledger_id = %(ledger)s and sale = %(sale)s;

-- name: stakes
select k.sale, k.party, k.captured_on, k.gross_minor, k.total_minor, k.net_minor, k.pending_minor, k.held_minor,
       k.reserve_minor, k.due_on, k.released_on, k.reserve_until
  from stake k where k.ledger_id = %(ledger)s and k.sale = any(%(sales)s) order by k.sale, k.party;

-- name: put_stakes
insert into stake (ledger_id, sale, party, currency, captured_on, gross_minor, total_minor, net_minor, pending_minor,
                   held_minor, reserve_minor, due_on, released_on, reserve_until)
select %(ledger)s, * from unnest(%(sales)s::text[], %(parties)s::text[], %(currencies)s::text[], %(captured)s::date[],
  %(gross)s::bigint[], %(total)s::bigint[], %(net)s::bigint[], %(pending)s::bigint[], %(held)s::bigint[],
  %(reserve)s::bigint[], %(due)s::date[], %(released)s::date[], %(until)s::date[])
on conflict (ledger_id, sale, party) do update
  set gross_minor = excluded.gross_minor, total_minor = excluded.total_minor, net_minor = excluded.net_minor,
      pending_minor = excluded.pending_minor, held_minor = excluded.held_minor, reserve_minor = excluded.reserve_minor,
      due_on = excluded.due_on, released_on = excluded.released_on, reserve_until = excluded.reserve_until;

-- name: waiting_for
select s.sale from sale s where s.ledger_id = %(ledger)s and s.state = 'waiting' and s.waits_for && %(names)s::text[]
 order by s.sale;

-- name: waited_for
select distinct unnest(s.waits_for) from sale s where s.ledger_id = %(ledger)s and s.state = 'waiting';

-- name: due
-- Stakes whose day has come, some thousand at a time, oldest first.
select k.sale, k.party from stake k
 where k.ledger_id = %(ledger)s and k.released_on is null and k.due_on <= %(day)s
 order by k.due_on, k.sale, k.party limit %(limit)s;

-- name: reserves_due
select k.sale, k.party from stake k
 where k.ledger_id = %(ledger)s and k.reserve_minor > 0 and k.reserve_until <= %(day)s
 order by k.reserve_until, k.sale, k.party limit %(limit)s;

-- name: reserved
select k.party, sum(k.reserve_minor) from stake k
 where k.ledger_id = %(ledger)s and k.party = any(%(parties)s) and k.currency = %(currency)s and k.reserve_minor > 0
 group by k.party;

-- name: sold_before
select k.party, sum(k.gross_minor) from stake k
 where k.ledger_id = %(ledger)s and k.party = any(%(parties)s) and k.captured_on >= %(since)s and k.captured_on < %(until)s
 group by k.party;

-- name: stakes_of_party
select k.sale, k.party, k.captured_on, k.gross_minor, k.total_minor, k.net_minor, k.pending_minor, k.held_minor,
       k.reserve_minor, k.due_on, k.released_on, k.reserve_until
  from stake k where k.ledger_id = %(ledger)s and k.party = %(party)s order by k.captured_on desc, k.sale limit %(limit)s;

-- name: astray
-- Stakes that are not the sum of the seller's lines of the sale; none, unless something went past us.
select b.item, b.party, b.role, b.booked_minor, b.kept_minor
  from (select l.item, l.party, a.role, -sum(l.amount_minor) as booked_minor,
               coalesce(max(case a.role when 'seller_pending' then k.pending_minor
                                        when 'seller_reserve' then k.reserve_minor else k.held_minor end), 0) as kept_minor
          from account a join line l on l.ledger_id = a.ledger_id and l.account_id = a.id
          left join stake k on k.ledger_id = l.ledger_id and k.sale = l.item and k.party = l.party
         where a.ledger_id = %(ledger)s and a.role in ('seller_pending', 'seller_reserve', 'seller_dispute_hold')
         group by l.item, l.party, a.role) b
 where b.booked_minor <> b.kept_minor order by 1, 2, 3 limit 100;

-- name: near
-- Events that share a payment or a dispute with these, and those that share one with them, and so on.
with recursive near(event_id) as (
  select unnest(%(events)s::bigint[])
  union
  select other.event_id from near n
    join event_reference own on own.ledger_id = %(ledger)s and own.event_id = n.event_id
         and split_part(own.reference, ':', 1) in ('charge', 'payment_intent', 'dispute')
    join event_reference other on other.ledger_id = %(ledger)s and other.reference = own.reference)
select n.event_id, array_agg(r.reference order by r.reference)
  from near n join event_reference r on r.ledger_id = %(ledger)s and r.event_id = n.event_id
 group by n.event_id order by n.event_id;

-- name: past_events
-- Posted events of kinds that make facts, in the order of their numbers.
select e.id from event e join event_state s on s.ledger_id = e.ledger_id and s.event_id = e.id
 where e.ledger_id = %(ledger)s and e.id > %(after)s and s.state in ('posted', 'memo') and e.kind = any(%(kinds)s)
 order by e.id limit %(limit)s;
