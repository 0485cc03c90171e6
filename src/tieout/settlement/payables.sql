-- name: turn
-- One at a time; whoever finds another at it has nothing to do.
select pg_try_advisory_xact_lock(hashtextextended('payables', %(ledger)s));

-- name: take_turn
select pg_advisory_xact_lock(hashtextextended('payables', %(ledger)s)), set_config('work_mem', '64MB', true);

-- name: open_cursor
insert into payable_cursor (ledger_id, upto) values (%(ledger)s, '1:1:') on conflict do nothing;

-- name: cursor
-- How far the journal was read, how far it can be read now, and whether that was on this server: after a dump was
-- restored elsewhere, a cursor means nothing.
select c.upto::text, pg_current_snapshot()::text, pg_snapshot_xmax(c.upto) <= pg_snapshot_xmax(pg_current_snapshot())
  from payable_cursor c where c.ledger_id = %(ledger)s;

-- name: forget
with gone as (delete from payable_line where ledger_id = %(ledger)s)
update payable_cursor set upto = '1:1:' where ledger_id = %(ledger)s;

-- name: gather
-- Lines on sellers' available balances that came since; but not those of payouts themselves, nor what a payout has.
with fresh as (
  insert into payable_line (ledger_id, party, currency, entry_id, line_no, amount_minor)
  select l.ledger_id, l.party, l.currency, l.entry_id, l.line_no, -l.amount_minor
    from entry e join line l on l.ledger_id = e.ledger_id and l.entry_id = e.id
   where e.ledger_id = %(ledger)s
     and (e.txid >= pg_snapshot_xmax(%(after)s::pg_snapshot) or e.txid = any(%(under_way)s::xid8[]))
     and pg_visible_in_snapshot(e.txid, %(now)s::text::pg_snapshot)
     and l.account_id = %(account)s and l.layer = 0 and l.party is not null and l.amount_minor <> 0
     and (l.item is null or l.item not like 'payout:%%')
     and not exists (select from payout_line p where p.ledger_id = l.ledger_id and p.entry_id = l.entry_id
                        and p.line_no = l.line_no and p.alive)
   order by l.party, l.currency, l.entry_id, l.line_no
  on conflict do nothing returning 1),
moved as (
  update payable_cursor set upto = %(now)s::text::pg_snapshot
   where ledger_id = %(ledger)s and upto::text <> %(now)s::text)
select count(*) from fresh;

-- name: gather_all
-- The same from the beginning: by account, for there is an index.
with fresh as (
  insert into payable_line (ledger_id, party, currency, entry_id, line_no, amount_minor)
  select l.ledger_id, l.party, l.currency, l.entry_id, l.line_no, -l.amount_minor
    from line l join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
   where l.ledger_id = %(ledger)s and l.account_id = %(account)s and l.layer = 0
     and l.party is not null and l.amount_minor <> 0 and (l.item is null or l.item not like 'payout:%%')
     and (e.txid >= pg_snapshot_xmax(pg_current_snapshot()) or pg_visible_in_snapshot(e.txid, %(now)s::text::pg_snapshot))
     and not exists (select from payout_line p where p.ledger_id = l.ledger_id and p.entry_id = l.entry_id
                        and p.line_no = l.line_no and p.alive)
   order by l.party, l.currency, l.entry_id, l.line_no
  on conflict do nothing returning 1),
moved as (update payable_cursor set upto = %(now)s::text::pg_snapshot where ledger_id = %(ledger)s)
select count(*) from fresh;

-- name: owed
select party, currency, sum(amount_minor)::bigint, count(*) from payable_line
 where ledger_id = %(ledger)s and party = any(%(parties)s) group by party, currency order by party, currency;

-- name: parties
-- Everybody who is owed something, or has a profile.
select party from payable_line where ledger_id = %(ledger)s
union select party from seller_version where ledger_id = %(ledger)s order by 1;

-- name: open_lines
select entry_id, line_no, amount_minor from payable_line
 where ledger_id = %(ledger)s and party = %(party)s and currency = %(currency)s order by entry_id, line_no;

-- name: holds
-- Those in force on a day.
select h.party, h.reason, h.amount_minor, h.since, h.until, h.ends_when, h.opened_by
  from seller_hold h left join seller_hold_release r on r.ledger_id = h.ledger_id and r.hold_id = h.id
 where h.ledger_id = %(ledger)s and h.party = any(%(parties)s) and h.since <= %(day)s
   and (h.until is null or h.until > %(day)s) and (r.released_on is null or r.released_on > %(day)s) order by h.id;

-- name: resting
-- Accounts that were changed and may not be paid to yet.
select party, changed_by, changed_at::date, payable_from::date, approved_by is not null from seller_account_now
 where ledger_id = %(ledger)s and party = any(%(parties)s) and not payable;

-- name: worth
-- What is open, in base currency, as its lines stand in the books.
select o.party, o.currency, -sum(l.base_minor)::bigint
  from unnest(%(parties)s::text[], %(currencies)s::text[]) w (party, currency)
  join payable_line o on o.ledger_id = %(ledger)s and o.party = w.party and o.currency = w.currency
  join line l on l.ledger_id = o.ledger_id and l.entry_id = o.entry_id and l.line_no = o.line_no
 group by o.party, o.currency;
