-- name: unit
-- All of a verification sees the books as of one moment, and writes dates as hashes have them. It reads whole ranges of
-- several tables beside one another: of tables nobody has analysed yet (after an import, or after a crash) the planner
-- would think they have one row, and go through one range for each row of another.
select set_config('datestyle', 'ISO, YMD', true), set_config('timezone', 'UTC', true), set_config('jit', 'off', true),
       set_config('work_mem', '64MB', true), set_config('enable_nestloop', 'off', true);

-- name: one_moment
set transaction isolation level repeatable read;

-- name: export_snapshot
select pg_export_snapshot();

-- name: next_range
-- The last of the next so many entries.
select max(id), count(*) from (
  select id from entry where ledger_id = %(ledger)s and id > %(after)s order by id limit %(limit)s) t;

-- name: content
-- Entries that are not what their hash says, or do not hold. The text hashed is that of model/entry.py, letter by letter.
with codes as materialized (
  select coalesce(jsonb_object_agg(id, code), '{}') as of from account where ledger_id = %(ledger)s),
body as (
  select l.entry_id, count(*) as n, max(l.line_no) as top, sum(l.amount_minor) as amount, sum(l.base_minor) as base,
         min(l.currency) as one, max(l.currency) as other, min(l.effective_date) as first, max(l.effective_date) as last,
         max(abs(l.layer)) as layer,
         string_agg(concat('[', coalesce(codes.of -> l.account_id::text, 'null'), ',', to_json(l.currency), ',',
           l.amount_minor, ',', l.base_minor, ',', coalesce(to_json(l.party)::text, 'null'), ',',
           coalesce(to_json(l.item)::text, 'null'),
           case when l.dim is null then ',[]]'
                else (select concat(',[', string_agg(concat('[', to_json(d.key), ',', d.value, ']'), ','
                                                     order by d.key collate "C"), ']]') from jsonb_each(l.dim) d) end),
           ',' order by l.line_no) as lines
    from codes cross join line l
   where l.ledger_id = %(ledger)s and l.entry_id > %(after)s and l.entry_id <= %(upto)s
   group by l.entry_id)
select * from (
select coalesce(e.id, b.entry_id),
       case when e.id is null then 'no_header'
            when b.entry_id is null then 'no_lines'
            when b.n <> e.line_count or b.top <> b.n then 'line_count'
            when b.base <> 0 or (b.one = b.other and b.amount <> 0) then 'balance'
            when b.first <> e.effective_date or b.last <> e.effective_date then 'day'
            when b.layer <> 0 then 'layer'
            when e.event_id is not null and not exists (
              select from event v where v.ledger_id = e.ledger_id and v.id = e.event_id) then 'event'
            when b.one <> b.other and exists (
              select from line x where x.ledger_id = e.ledger_id and x.entry_id = e.id
               group by x.currency having sum(x.amount_minor) <> 0) then 'balance'
            when e.content_hash <> sha256(convert_to(concat('["tieout-entry-1",', to_json(e.idem_key), ',"',
                   e.effective_date, '","',
                   replace(to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z'),
                   '",', to_json(e.memo), ',', to_json(e.rule_id), ',', e.rule_version, ',', to_json(e.why), ',',
                   coalesce(e.reverses_id::text, 'null'), ',', coalesce(to_json(e.rate)::text, 'null'), ',[', b.lines,
                   ']]'), 'UTF8')) then 'content' end as flaw
  from (select * from entry where ledger_id = %(ledger)s and id > %(after)s and id <= %(upto)s) e
  full join body b on b.entry_id = e.id) found
 where flaw is not null order by 1 limit %(limit)s;

-- name: pages
-- Where the leaves stand, in order; a block without leaves, or leaves without a block, are there as well.
select coalesce(b.block_no, p.block_no), p.page_no, p.n, p.first_xid::text::bigint, p.first_id
  from (select * from seal_block where ledger_id = %(ledger)s and block_no between %(first)s and %(last)s) b
  full join (select block_no, page_no, n, first_xid, first_id from seal_page
              where ledger_id = %(ledger)s and block_no between %(first)s and %(last)s) p on p.block_no = b.block_no
 order by 1, 2;

-- name: block_span
select least(b.low, p.low), greatest(b.high, p.high)
  from (select min(block_no) as low, max(block_no) as high from seal_block where ledger_id = %(ledger)s) b,
       (select min(block_no) as low, max(block_no) as high from seal_page where ledger_id = %(ledger)s) p;

-- name: sealed
select block_no, page_no, ids, leaves from seal_page
 where ledger_id = %(ledger)s and (block_no, page_no) >= (%(block)s, %(page_no)s)
   and (block_no, page_no) <= (%(last_block)s, %(last_page)s) order by block_no, page_no;

-- name: accounts
-- What each account is now, beside what was sealed.
select s.block_no, s.account_id, s.nature_hash, a.code,
       sha256(convert_to(concat('["tieout-account-1",', a.ledger_id, ',', a.id, ',', to_json(a.code), ',', to_json(a.type),
         case when a.clearing then ',true,' else ',false,' end, coalesce(to_json(a.currency)::text, 'null'), ',',
         coalesce(to_json(a.source)::text, 'null'), ']'), 'UTF8'))
  from seal_account s left join account a on a.ledger_id = s.ledger_id and a.id = s.account_id
 where s.ledger_id = %(ledger)s order by s.block_no, s.account_id;

-- name: sums
-- Lines and debits per currency; with (from_xid, floor), only of what is not sealed yet.
select l.currency, coalesce(sum(l.amount_minor) filter (where l.amount_minor > 0), 0)::text, count(*)
  from line l
 where l.ledger_id = %(ledger)s
   and (%(from)s::text is null or l.entry_id in (
        select e.id from entry e where e.ledger_id = %(ledger)s and e.txid >= %(from)s::text::xid8 and e.id > %(floor)s))
 group by l.currency;

-- name: tail
-- Entries not sealed yet, and the first of them from a unit of work that has not begun.
select count(*), min(e.id) filter (where e.txid >= pg_snapshot_xmax(pg_current_snapshot()))
  from entry e where e.ledger_id = %(ledger)s and e.txid >= %(from)s::text::xid8 and e.id > %(floor)s;

-- name: entries
select count(*) from entry where ledger_id = %(ledger)s;

-- name: reversed_twice
select min(id) from entry where ledger_id = %(ledger)s and reverses_id is not null
 group by reverses_id having count(*) > 1 order by 1 limit %(limit)s;

-- name: unbooked
-- Events that are said to be booked, without an entry.
select v.id from event_state s join event v on v.ledger_id = s.ledger_id and v.id = s.event_id
 where s.ledger_id = %(ledger)s and s.state = 'posted'
   and not exists (select from entry e where e.ledger_id = v.ledger_id and e.idem_key = v.key)
 order by 1 limit %(limit)s;

-- name: guards
-- Append-only tables that would take a change, and triggers that are switched off.
select c.relname, t.tgname, t.tgname is null
  from unnest(%(tables)s::text[]) with ordinality as wanted (name, place)
  join pg_class c on c.oid = to_regclass(wanted.name)
  left join pg_trigger t on t.tgrelid = c.oid and t.tgfoid = 'refuse_change'::regproc and t.tgenabled in ('O', 'A')
                        and t.tgtype & 58 = 58
 where t.tgname is null
union all
select c.relname, t.tgname, false
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
 where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and t.tgenabled not in ('O', 'A')
 order by 1, 2;

-- name: cursor
select upto::text, restored_entry from roll_up_cursor where ledger_id = %(ledger)s;

-- name: moved
-- A weighted sum over what moved per day, as `fed` lines have it: equal to that of the projection if, but for a chance
-- of one in 2^60 that nobody can steer, both have the same rows. The weights are drawn anew for each verification.
with fed as (
  select e.id, (e.recorded_at at time zone 'UTC')::date as recorded_on from entry e
   where e.ledger_id = %(ledger)s and e.id > %(after)s and e.id <= %(upto)s
     and (e.id <= %(restored)s or pg_visible_in_snapshot(e.txid, %(snapshot)s::pg_snapshot))),
moved as (
  select l.account_id, l.currency, l.layer, l.effective_date, l.amount_minor, l.base_minor, l.party, l.dim, fed.recorded_on
    from fed join line l on l.ledger_id = %(ledger)s and l.entry_id = fed.id
   where l.entry_id > %(after)s and l.entry_id <= %(upto)s),
split as (
  select '' as facet, '' as value, account_id, currency, layer, effective_date, recorded_on, amount_minor, base_minor
    from moved
  union all
  select 'party', facet_key(party), account_id, currency, layer, effective_date, recorded_on, amount_minor, base_minor
    from moved where party is not null
  union all
  select facet_key('dimension:' || d.key), facet_key(d.value), account_id, currency, layer, effective_date, recorded_on,
         amount_minor, base_minor
    from moved cross join lateral jsonb_each_text(moved.dim) d where moved.dim is not null and d.value is not null),
sums as (
  select facet, value, account_id, currency, layer, effective_date, recorded_on,
         sum(greatest(amount_minor, 0)) as debit, sum(-least(amount_minor, 0)) as credit,
         sum(greatest(base_minor, 0)) as base_debit, sum(-least(base_minor, 0)) as base_credit, count(*) as n
    from split group by 1, 2, 3, 4, 5, 6, 7)
select coalesce(sum(hash_record_extended(row(facet, value, account_id, currency, layer, effective_date, recorded_on),
                                         %(seed)s::bigint)
                    * (debit * %(debit)s::numeric + credit * %(credit)s::numeric + base_debit * %(base_debit)s::numeric
                       + base_credit * %(base_credit)s::numeric + n * %(n)s::numeric)), 0)::text
  from sums;

-- name: projected
select coalesce(sum(hash_record_extended(row(facet, value, account_id, currency, layer, effective_date, recorded_on),
                                         %(seed)s::bigint)
                    * (debit_minor * %(debit)s::numeric + credit_minor * %(credit)s::numeric
                       + base_debit_minor * %(base_debit)s::numeric + base_credit_minor * %(base_credit)s::numeric
                       + n * %(n)s::numeric)), 0)::text
  from day_delta where ledger_id = %(ledger)s;

-- name: wrong_days
-- Only when the weighted sums differ: which days of which accounts are not what their lines come to.
with moved as (
  select l.account_id, l.currency, l.layer, l.effective_date, l.amount_minor, l.base_minor, l.party, l.dim,
         (e.recorded_at at time zone 'UTC')::date as recorded_on
    from entry e join line l on l.ledger_id = e.ledger_id and l.entry_id = e.id
   where e.ledger_id = %(ledger)s
     and (e.id <= %(restored)s or pg_visible_in_snapshot(e.txid, %(snapshot)s::pg_snapshot))),
split as (
  select '' as facet, '' as value, account_id, currency, layer, effective_date, recorded_on, amount_minor, base_minor
    from moved
  union all
  select 'party', facet_key(party), account_id, currency, layer, effective_date, recorded_on, amount_minor, base_minor
    from moved where party is not null
  union all
  select facet_key('dimension:' || d.key), facet_key(d.value), account_id, currency, layer, effective_date, recorded_on,
         amount_minor, base_minor
    from moved cross join lateral jsonb_each_text(moved.dim) d where moved.dim is not null and d.value is not null),
sums as (
  select facet, value, account_id, currency, layer, effective_date, recorded_on,
         sum(greatest(amount_minor, 0)) as debit, sum(-least(amount_minor, 0)) as credit,
         sum(greatest(base_minor, 0)) as base_debit, sum(-least(base_minor, 0)) as base_credit, count(*) as n
    from split group by 1, 2, 3, 4, 5, 6, 7)
select (select code from account a where a.ledger_id = %(ledger)s and a.id = account_id), account_id, currency,
       effective_date, facet, value, (s.debit - s.credit)::text, (d.debit_minor - d.credit_minor)::text
  from sums s
  full join (select * from day_delta where ledger_id = %(ledger)s) d
    using (facet, value, account_id, currency, layer, effective_date, recorded_on)
 where (s.debit, s.credit, s.base_debit, s.base_credit, s.n) is distinct from
       (d.debit_minor, d.credit_minor, d.base_debit_minor, d.base_credit_minor, d.n)
 order by effective_date, account_id, currency, facet, value limit %(limit)s;

-- name: wrong_checkpoints
-- Checkpoints that are not the sum of the days up to them.
with summed as (
  select c.last_day, d.account_id, d.currency, d.layer, sum(d.debit_minor) as debit, sum(d.credit_minor) as credit,
         sum(d.base_debit_minor) as base_debit, sum(d.base_credit_minor) as base_credit, sum(d.n) as n
    from balance_checkpoint c
    join day_delta d on d.ledger_id = c.ledger_id and d.facet = '' and d.effective_date <= c.last_day
   where c.ledger_id = %(ledger)s group by 1, 2, 3, 4)
select (select code from account a where a.ledger_id = %(ledger)s and a.id = account_id), account_id, currency, last_day,
       (s.debit - s.credit)::text, (p.debit_minor - p.credit_minor)::text
  from summed s
  full join (select * from period_balance where ledger_id = %(ledger)s) p using (last_day, account_id, currency, layer)
 where (s.debit, s.credit, s.base_debit, s.base_credit, s.n) is distinct from
       (p.debit_minor, p.credit_minor, p.base_debit_minor, p.base_credit_minor, p.n)
 order by last_day, account_id, currency limit %(limit)s;

-- name: wrong_months
-- Months that are not the sum of their days.
with summed as (
  select d.account_id, d.currency, d.layer, date_trunc('month', d.effective_date)::date as month,
         sum(d.debit_minor) as debit, sum(d.credit_minor) as credit, sum(d.base_debit_minor) as base_debit,
         sum(d.base_credit_minor) as base_credit, sum(d.n) as n
    from day_delta d where d.ledger_id = %(ledger)s and d.facet = '' group by 1, 2, 3, 4)
select (select code from account a where a.ledger_id = %(ledger)s and a.id = account_id), account_id, currency, month,
       (s.debit - s.credit)::text, (p.debit_minor - p.credit_minor)::text
  from summed s
  full join (select * from month_delta where ledger_id = %(ledger)s) p using (account_id, currency, layer, month)
 where (s.debit, s.credit, s.base_debit, s.base_credit, s.n) is distinct from
       (p.debit_minor, p.credit_minor, p.base_debit_minor, p.base_credit_minor, p.n)
 order by month, account_id, currency limit %(limit)s;
