-- name: take_books
-- Waits for posters under way and keeps new ones out until this short unit of work ends; see ledger/queries.sql.
select pg_advisory_xact_lock(hashtextextended('books', %(ledger)s));

-- name: take_turn
-- One run or decision at a time: two that look at the same open items would tie them twice, and one would fail.
select pg_advisory_xact_lock(hashtextextended('agreeing', %(ledger)s));

-- name: next_entries
select coalesce((select upto_entry from item_cursor where ledger_id = %(ledger)s), 0),
       coalesce((select max(id) from entry where ledger_id = %(ledger)s), 0);

-- name: project_items
insert into open_item (ledger_id, entry_id, event_id, account_id, currency, item, amount_minor, effective_date, base_minor)
select e.ledger_id, e.id, e.event_id, l.account_id, l.currency, coalesce(l.item, 'entry:' || e.id),
       sum(l.amount_minor), e.effective_date, sum(l.base_minor)
  from entry e
  join line l on l.ledger_id = e.ledger_id and l.entry_id = e.id
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.clearing
 where e.ledger_id = %(ledger)s and e.id > %(from)s and e.id <= %(to)s
 group by e.ledger_id, e.id, l.account_id, l.currency, coalesce(l.item, 'entry:' || e.id)
having sum(l.amount_minor) <> 0
on conflict do nothing;

-- name: move_cursor
insert into item_cursor (ledger_id, upto_entry) values (%(ledger)s, %(to)s)
on conflict (ledger_id) do update set upto_entry = excluded.upto_entry;

-- name: open_items
-- What an item carries in base currency is asked of its allocations only if it has any.
select i.id, i.account_id, a.code, a.role, coalesce(a.source, ''), i.currency, i.item, i.amount_minor,
       i.amount_minor - i.tied_minor, i.effective_date, i.entry_id, i.event_id, i.base_minor,
       case when i.tied_minor = 0 then i.base_minor when i.tied_minor = i.amount_minor then 0
            else i.base_minor - (select sum(al.base_minor) from allocation al
                                  where al.ledger_id = i.ledger_id and al.item_id = i.id)::bigint end,
       coalesce(ev.kind, 'case_resolved'), coalesce(ev.content->'facts', '{}'),
       coalesce(ev.content->'references', '[]')
  from open_item i
  join account a on a.ledger_id = i.ledger_id and a.id = i.account_id
  left join event ev on ev.ledger_id = i.ledger_id and ev.id = i.event_id
 where i.ledger_id = %(ledger)s and (%(all)s or i.tied_minor <> i.amount_minor)
   and (%(ids)s::bigint[] is null or i.id = any(%(ids)s))
   and (%(account)s::text is null or a.code = %(account)s)
   and (%(currency)s::text is null or i.currency = %(currency)s)
 order by i.id;

-- name: parts
-- Which lines the gateway lists for which payout, and each payout's own line.
select t.reference, p.reference
  from event e
  join event_reference p on p.ledger_id = e.ledger_id and p.event_id = e.id and p.reference like 'payout:%%'
  join event_reference t on t.ledger_id = e.ledger_id and t.event_id = e.id and t.reference like 'txn:%%'
 where e.ledger_id = %(ledger)s and e.kind in ('payout_composed', 'payout_sent');

-- name: composed
select distinct p.reference
  from event e join event_reference p on p.ledger_id = e.ledger_id and p.event_id = e.id and p.reference like 'payout:%%'
 where e.ledger_id = %(ledger)s and e.kind = 'payout_composed';

-- name: clues_of_payouts
-- The names a payout goes by: its own id and every trace that news of it brought.
select o.reference, t.reference
  from event_reference o
  join event_reference t on t.ledger_id = o.ledger_id and t.event_id = o.event_id
   and (t.reference like 'trace:%%' or t.reference = o.reference)
 where o.ledger_id = %(ledger)s and o.reference = any(%(payouts)s);

-- name: clues_of_events
select event_id, reference from event_reference
 where ledger_id = %(ledger)s and event_id = any(%(events)s)
   and (reference like 'remittance:%%' or reference like 'end_to_end:%%' or reference like 'trace:%%');

-- name: arrival_dates
select o.reference, max(e.content->'facts'->>'arrival_date')
  from event_reference o join event e on e.ledger_id = o.ledger_id and e.id = o.event_id and e.kind = 'payout_noted'
 where o.ledger_id = %(ledger)s and o.reference = any(%(payouts)s) group by o.reference;

-- name: credited
-- Bank lines (items) that name a payout which is tied to another bank line: the payout, and that line's day.
select distinct on (line.id) line.id, p.reference, told.effective_date
  from open_item line
  join event_reference b on b.ledger_id = line.ledger_id and b.event_id = line.event_id
   and (b.reference like 'remittance:%%' or b.reference like 'end_to_end:%%' or b.reference like 'trace:%%')
  join event_reference t on t.ledger_id = b.ledger_id
   and t.reference in ('trace:' || substr(b.reference, strpos(b.reference, ':') + 1),
                       'payout:' || substr(b.reference, strpos(b.reference, ':') + 1))
  join event_reference p on p.ledger_id = t.ledger_id and p.event_id = t.event_id and p.reference like 'payout:%%'
  join open_item paid on paid.ledger_id = line.ledger_id and paid.account_id = line.account_id
   and paid.currency = line.currency and paid.item = p.reference
  join allocation pa on pa.ledger_id = paid.ledger_id and pa.item_id = paid.id
  join allocation ta on ta.ledger_id = pa.ledger_id and ta.match_id = pa.match_id
  join open_item told on told.ledger_id = ta.ledger_id and told.id = ta.item_id and told.item like 'bank_line:%%'
 where line.ledger_id = %(ledger)s and line.id = any(%(items)s) and told.id <> line.id
 order by line.id, told.effective_date desc, p.reference;

-- name: orders_of
select t.reference, min(o.reference)
  from event_reference t
  join event_reference o on o.ledger_id = t.ledger_id and o.event_id = t.event_id and o.reference like 'order:%%'
 where t.ledger_id = %(ledger)s and t.reference = any(%(names)s)
 group by t.reference having count(distinct o.reference) = 1;

-- name: insert_run
insert into recon_run (ledger_id, as_of, started_at, finished_at, engine, engine_version, rules_hash, rules_version,
  result_hash, items, matches, whole, looked_at)
values (%(ledger)s, %(as_of)s, %(started)s, clock_timestamp(), %(engine)s, %(version)s, %(rules)s, %(rules_version)s,
  %(result)s, %(items)s, %(matches)s, %(whole)s, %(looked_at)s)
returning id;

-- name: insert_matches
insert into match (ledger_id, account_id, currency, pass_id, pass_version, key, why, evidence, rejected, entry_id, run_id,
  actor, rules_version, rules_hash, engine)
select %(ledger)s, a, c, p, v, k, w, e::jsonb, r::jsonb, x, %(run)s, %(actor)s, %(rules_version)s, %(rules_hash)s, %(engine)s
  from unnest(%(accounts)s::int[], %(currencies)s::text[], %(passes)s::text[], %(versions)s::int[], %(keys)s::text[],
              %(whys)s::text[], %(evidences)s::text[], %(rejected)s::text[], %(entries)s::bigint[])
         with ordinality as t(a, c, p, v, k, w, e, r, x, n) order by n
returning id;

-- name: insert_reversal
insert into match (ledger_id, account_id, currency, pass_id, pass_version, key, why, evidence, actor, reverses_id)
select ledger_id, account_id, currency, pass_id, pass_version, key, %(why)s, '{}', %(actor)s, id
  from match where ledger_id = %(ledger)s and id = %(id)s and reverses_id is null returning id;

-- name: taken_back
-- Which items each match tied that was taken back, without the one that its own write-off made.
select array_agg(al.item_id) from match m
  join match o on o.ledger_id = m.ledger_id and o.id = m.reverses_id
  join allocation al on al.ledger_id = m.ledger_id and al.match_id = o.id
  join open_item i on i.ledger_id = al.ledger_id and i.id = al.item_id and i.entry_id is distinct from o.entry_id
 where m.ledger_id = %(ledger)s and m.reverses_id is not null group by m.id;

-- name: insert_allocations
-- A part takes its share of what the item is worth in base currency; the last part takes the rest, to the minor unit.
insert into allocation (ledger_id, match_id, item_id, amount_minor, base_minor)
select %(ledger)s, t.match_id, t.item_id, t.amount_minor,
       case when i.base_minor <> i.amount_minor
            then base_share(i.base_minor, p.amount + t.upto, i.amount_minor)
               - case when t.first then p.base
                      else base_share(i.base_minor, p.amount + t.upto - t.amount_minor, i.amount_minor) end
            else t.amount_minor end
  from (select *, sum(amount_minor) over parts as upto, row_number() over parts = 1 as first
          from unnest(%(matches)s::bigint[], %(items)s::bigint[], %(amounts)s::bigint[])
            as given(match_id, item_id, amount_minor)
        window parts as (partition by item_id order by match_id)) t
  left join open_item i on i.ledger_id = %(ledger)s and i.id = t.item_id
  left join lateral (
    select coalesce(sum(a.amount_minor), 0) as amount, coalesce(sum(a.base_minor), 0) as base
      from allocation a
     where i.base_minor <> i.amount_minor and a.ledger_id = %(ledger)s and a.item_id = t.item_id) p on true;

-- name: insert_reversed_allocations
insert into allocation (ledger_id, match_id, item_id, amount_minor, base_minor)
select ledger_id, %(reversal)s, item_id, -amount_minor, -base_minor
  from allocation where ledger_id = %(ledger)s and match_id = %(id)s;

-- name: differences
-- Matches after the cursor whose items were not worth the same: what that leaves on the account in base currency, the
-- day the last of them came, and for a match that takes another back whether somebody has reversed its entry already.
select m.id, a.code, m.currency, m.key, d.base::bigint, d.day, m.reverses_id, m.why,
       exists (select from entry r join entry again on again.ledger_id = r.ledger_id and again.reverses_id = r.id
                where r.ledger_id = m.ledger_id and r.idem_key = 'fx/mat_' || m.reverses_id)
  from match m
  join account a on a.ledger_id = m.ledger_id and a.id = m.account_id
  cross join lateral (
    select sum(al.base_minor) as base, max(i.effective_date) as day
      from allocation al join open_item i on i.ledger_id = al.ledger_id and i.id = al.item_id
     where al.ledger_id = m.ledger_id and al.match_id = m.id) d
 where m.ledger_id = %(ledger)s
   and m.id > coalesce((select upto_match from realised_cursor where ledger_id = %(ledger)s), 0)
   and m.currency <> (select base_currency from ledger where id = %(ledger)s) and d.base <> 0
 order by m.id;

-- name: move_realised
insert into realised_cursor (ledger_id, upto_match)
select %(ledger)s, coalesce(max(id), 0) from match where ledger_id = %(ledger)s
on conflict (ledger_id) do update set upto_match = excluded.upto_match;

-- name: entries_of_matches
select m.id, e.id from unnest(%(matches)s::bigint[]) as m(id)
  join entry e on e.ledger_id = %(ledger)s and e.idem_key = 'fx/mat_' || m.id order by 1;

-- name: matches_of_entries
select substr(idem_key, 8)::bigint, id from entry
 where ledger_id = %(ledger)s and id = any(%(entries)s) and idem_key ~ '^fx/mat_[0-9]{1,18}$' order by 1;

-- name: allocations
select match_id, item_id, amount_minor from allocation where ledger_id = %(ledger)s and match_id = any(%(ids)s) order by 1, 2;

-- name: clear_names
delete from named_item where ledger_id = %(ledger)s;

-- name: insert_names
insert into named_item (ledger_id, item_id, run_id, naming, label, due, case_id)
select %(ledger)s, i, %(run)s, n, l, d, c
  from unnest(%(items)s::bigint[], %(namings)s::text[], %(labels)s::text[], %(dues)s::date[], %(cases)s::bigint[]) as t(i, n, l, d, c);

-- name: last_run
select id, as_of, finished_at, engine, engine_version, rules_hash, result_hash, items, matches, rules_version, whole, looked_at
  from recon_run where ledger_id = %(ledger)s order by id desc limit 1;

-- name: run_by_id
select id, as_of, finished_at, engine, engine_version, rules_hash, result_hash, items, matches, rules_version, whole, looked_at
  from recon_run where ledger_id = %(ledger)s and id = %(id)s;

-- name: proof_lines
-- The balance is folded from the lines themselves, not from the open items, so the two check each other. Each part is
-- worked out once: without statistics, as on fresh books, it would be once an account.
-- With a day: as of its end, with what is known now. A match counts from the day its last item came; what it tied
-- later was on its way then, and so was an exception that was not due yet.
with balance as materialized (
  select l.account_id, l.currency, sum(l.amount_minor) as amount, sum(l.base_minor) as base
    from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.clearing
   where l.ledger_id = %(ledger)s and l.layer = 0 and (%(at)s::date is null or l.effective_date <= %(at)s)
   group by l.account_id, l.currency),
later as materialized (
  select al.match_id from allocation al join open_item i on i.ledger_id = al.ledger_id and i.id = al.item_id
   where al.ledger_id = %(ledger)s and %(at)s::date is not null
   group by al.match_id having max(i.effective_date) > %(at)s),
allocated as materialized (
  select al.item_id, sum(al.amount_minor) filter (where later.match_id is null) as amount,
         sum(al.base_minor) filter (where later.match_id is null) as base, sum(al.amount_minor) as by_now
    from allocation al left join later using (match_id)
   where al.ledger_id = %(ledger)s group by al.item_id),
realised_later as materialized (                    -- a difference that a closed period put off: the items are tied, its entry is to come
  select m.account_id, m.currency, sum(al.base_minor) as base
    from match m
    join entry e on e.ledger_id = m.ledger_id and e.idem_key = 'fx/mat_' || m.id and e.effective_date > %(at)s
    join allocation al on al.ledger_id = m.ledger_id and al.match_id = m.id
   where m.ledger_id = %(ledger)s and %(at)s::date is not null and not exists (select from later where later.match_id = m.id)
   group by m.account_id, m.currency),
remeasured as materialized (                        -- revaluations of the day: taken back after it, and no part of what items carry
  select l.account_id, l.currency, sum(l.base_minor) as base
    from entry e join line l on l.ledger_id = e.ledger_id and l.entry_id = e.id
   where e.ledger_id = %(ledger)s and %(at)s::date is not null and e.effective_date <= %(at)s
     and e.rule_id = 'fx.revalued' group by l.account_id, l.currency),
tied as materialized (                              -- what a match taken back had tied is not tied any more: its allocations cancel
  select i.account_id, i.currency, sum(al.amount) as amount
    from allocated al join open_item i on i.ledger_id = %(ledger)s and i.id = al.item_id
   where al.amount > 0 group by i.account_id, i.currency),
named as materialized (
  select i.account_id, i.currency,
         case when i.amount_minor <> coalesce(al.by_now, 0) and (n.naming <> 'exception' or n.due < %(at)s is not false) then n.naming
              else case a.role when 'disputed' then 'disputed' when 'reserve' then 'reserved' else 'transit' end end as naming,
         sum(i.amount_minor - coalesce(al.amount, 0)) as amount, sum(i.base_minor - coalesce(al.base, 0)) as base,
         count(*) as n
    from open_item i join account a on a.ledger_id = i.ledger_id and a.id = i.account_id
    left join allocated al on al.item_id = i.id
    left join named_item n on n.ledger_id = i.ledger_id and n.item_id = i.id
   where i.ledger_id = %(ledger)s and (%(at)s::date is null or i.effective_date <= %(at)s)
     and i.amount_minor <> coalesce(al.amount, 0) and (n.item_id is not null or i.amount_minor = al.by_now)
   group by 1, 2, 3)
select a.code, a.name, a.role, b.currency, b.amount::bigint,
       coalesce(sum(n.amount) filter (where n.naming = 'transit'), 0)::bigint,
       coalesce(sum(n.amount) filter (where n.naming = 'disputed'), 0)::bigint,
       coalesce(sum(n.amount) filter (where n.naming = 'reserved'), 0)::bigint,
       coalesce(sum(n.amount) filter (where n.naming = 'exception'), 0)::bigint,
       (b.amount - coalesce(sum(n.amount), 0))::bigint, coalesce(sum(n.n), 0)::int, coalesce(t.amount, 0)::bigint,
       coalesce(sum(n.n) filter (where n.naming = 'exception'), 0)::int,
       b.base::bigint, (b.base - coalesce(sum(n.base), 0) - coalesce(r.base, 0) - coalesce(v.base, 0))::bigint
  from balance b join account a on a.ledger_id = %(ledger)s and a.id = b.account_id
  left join tied t on t.account_id = b.account_id and t.currency = b.currency
  left join named n on n.account_id = b.account_id and n.currency = b.currency
  left join realised_later r on r.account_id = b.account_id and r.currency = b.currency
  left join remeasured v on v.account_id = b.account_id and v.currency = b.currency
 group by a.code, a.name, a.role, b.currency, b.amount, b.base, t.amount, r.base, v.base order by a.code, b.currency;

-- name: named_items
select n.item_id, n.naming, n.label, n.due, n.case_id from named_item n
 where n.ledger_id = %(ledger)s and n.item_id = any(%(ids)s);

-- name: matches_by_id
select m.id, a.code, m.currency, m.pass_id, m.pass_version, m.key, m.why, m.evidence, m.run_id, m.actor, m.recorded_at,
       m.reverses_id, m.rejected, m.rules_version, m.rules_hash, m.engine, m.entry_id, c.actor, r.id
  from match m join account a on a.ledger_id = m.ledger_id and a.id = m.account_id
  left join match_confirmation c on c.ledger_id = m.ledger_id and c.match_id = m.id
  left join match r on r.ledger_id = m.ledger_id and r.reverses_id = m.id
 where m.ledger_id = %(ledger)s and m.id = any(%(ids)s) order by m.id;

-- name: match_page
select id from match where ledger_id = %(ledger)s and (%(before)s::bigint is null or id < %(before)s) order by id desc limit %(limit)s;

-- name: matches_of_items
select distinct match_id, item_id from allocation where ledger_id = %(ledger)s and item_id = any(%(items)s) order by 1;

-- name: items_of_entries
select entry_id, id from open_item where ledger_id = %(ledger)s and entry_id = any(%(entries)s) order by id;

-- name: statements
-- Every imported statement with both balances, in order, per bank source.
select s.name, e.content->'facts', e.occurred_at, e.id
  from event e join source s on s.ledger_id = e.ledger_id and s.id = e.source_id
  join event_state st on st.ledger_id = e.ledger_id and st.event_id = e.id and st.state = 'memo'
 where e.ledger_id = %(ledger)s and e.kind = 'statement_received' order by s.name, e.occurred_at, e.key;
