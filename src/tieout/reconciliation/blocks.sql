-- name: dirty
-- What has come or changed since the last run: items, and events that tell of payouts.
select coalesce((select array_agg(item_id) from dirty_item where ledger_id = %(ledger)s), '{}'),
       coalesce((select array_agg(event_id) from dirty_event where ledger_id = %(ledger)s), '{}');

-- name: clean_items
delete from dirty_item where ledger_id = %(ledger)s and item_id = any(%(items)s);

-- name: clean_events
delete from dirty_event where ledger_id = %(ledger)s and event_id = any(%(events)s);

-- name: mark_items
insert into dirty_item select %(ledger)s, unnest(%(items)s::bigint[]) on conflict do nothing;

-- name: items_of_events
-- The items that news of payouts is about: what is on its way under a payout's name, and the lines listed for it.
with payout as materialized (
  select distinct reference from event_reference
   where ledger_id = %(ledger)s and event_id = any(%(events)s) and reference like 'payout:%%')
select i.id from payout p join open_item i on i.ledger_id = %(ledger)s and i.item = p.reference
union
select i.id from payout p
  join event_reference o on o.ledger_id = %(ledger)s and o.reference = p.reference
  join event e on e.ledger_id = o.ledger_id and e.id = o.event_id and e.kind in ('payout_composed', 'payout_sent')
  join event_reference t on t.ledger_id = o.ledger_id and t.event_id = o.event_id and t.reference like 'txn:%%'
  join open_item i on i.ledger_id = t.ledger_id and i.item = t.reference;

-- name: neighbours
-- Items that share a key with these: a name on one account, a payout that lists them, a reference, or a match that a
-- run may look at again.
with given as materialized (
  select id, account_id, currency, item from open_item where ledger_id = %(ledger)s and id = any(%(ids)s)),
payout as materialized (
  select distinct p.reference from (select distinct item from given where item like 'txn:%%') g
    join event_reference t on t.ledger_id = %(ledger)s and t.reference = g.item
    join event e on e.ledger_id = t.ledger_id and e.id = t.event_id and e.kind in ('payout_composed', 'payout_sent')
    join event_reference p on p.ledger_id = t.ledger_id and p.event_id = t.event_id and p.reference like 'payout:%%')
select i.id from given g
  join open_item i on i.ledger_id = %(ledger)s and i.item = g.item and i.account_id = g.account_id and i.currency = g.currency
union
select i.id from payout p
  join event_reference o on o.ledger_id = %(ledger)s and o.reference = p.reference
  join event e on e.ledger_id = o.ledger_id and e.id = o.event_id and e.kind in ('payout_composed', 'payout_sent')
  join event_reference t on t.ledger_id = o.ledger_id and t.event_id = o.event_id and t.reference like 'txn:%%'
  join open_item i on i.ledger_id = t.ledger_id and i.item = t.reference
union
select o.item_id from item_clue c join item_clue o on o.ledger_id = c.ledger_id and o.ref = c.ref
 where c.ledger_id = %(ledger)s and c.item_id = any(%(ids)s)
union
select o.item_id from allocation al
  join loose_match m on m.ledger_id = al.ledger_id and m.id = al.match_id and m.pass_id = any(%(passes)s)
  join allocation o on o.ledger_id = al.ledger_id and o.match_id = al.match_id
 where al.ledger_id = %(ledger)s and al.item_id = any(%(ids)s);

-- name: loose
-- Matches that runs look at again (all, or those of these items): each with what it ties, but for what it wrote off.
select m.id, m.pass_id, m.key, al.item_id, al.amount_minor,
       i.entry_id is not distinct from full_match.entry_id and full_match.entry_id is not null
  from loose_match m
  join match full_match on full_match.ledger_id = m.ledger_id and full_match.id = m.id
  join allocation al on al.ledger_id = m.ledger_id and al.match_id = m.id
  join open_item i on i.ledger_id = al.ledger_id and i.id = al.item_id
 where m.ledger_id = %(ledger)s and m.pass_id = any(%(passes)s)
   and (%(items)s::bigint[] is null or m.id in (
     select match_id from allocation where ledger_id = %(ledger)s and item_id = any(%(items)s)))
 order by m.id, al.item_id;

-- name: drop_clues
delete from item_clue where ledger_id = %(ledger)s and item_id = any(%(items)s);

-- name: put_clues
insert into item_clue (ledger_id, ref, item_id)
select distinct %(ledger)s::int, r, i from unnest(%(refs)s::text[], %(items)s::bigint[]) as t(r, i);

-- name: settled_siblings
-- Items that are tied and carry the name of one of these, on its account: what an open item's story began with.
select distinct s.id from open_item i
  join open_item s on s.ledger_id = i.ledger_id and s.item = i.item and s.account_id = i.account_id
   and s.currency = i.currency and s.tied_minor = s.amount_minor
 where i.ledger_id = %(ledger)s and i.id = any(%(ids)s);

-- name: confirm
insert into match_confirmation (ledger_id, match_id, actor, why)
select m.ledger_id, m.id, %(actor)s, %(why)s from match m
 where m.ledger_id = %(ledger)s and m.id = %(id)s and m.reverses_id is null
   and not exists (select from match r where r.ledger_id = m.ledger_id and r.reverses_id = m.id)
on conflict do nothing returning match_id;
