-- name: try_turn
-- There is only one, so it may have some memory.
select pg_try_advisory_xact_lock(hashtextextended('roll-up', %(ledger)s)), set_config('work_mem', '64MB', true);

-- name: take_turn
select pg_advisory_xact_lock(hashtextextended('roll-up', %(ledger)s)), set_config('work_mem', '64MB', true);

-- name: open_cursor
insert into roll_up_cursor (ledger_id, upto) values (%(ledger)s, '1:1:') on conflict do nothing;

-- name: cursor
-- Where the projections are, where they could be, and whether the cursor is of this server: after a dump was restored
-- elsewhere, entries have numbers that this server has not given yet.
select c.upto::text, pg_current_snapshot()::text, c.restored_entry,
       pg_snapshot_xmax(c.upto) <= pg_snapshot_xmax(pg_current_snapshot())
       and not exists (select from entry e where e.ledger_id = c.ledger_id and e.id > c.restored_entry
                          and e.txid >= pg_snapshot_xmax(pg_current_snapshot()))
  from roll_up_cursor c where c.ledger_id = %(ledger)s;

-- name: next_stop
-- A snapshot that sees about `limit` entries more than `after`, or all that `now` sees. Units of work are fed whole.
select coalesce(
  (select format('%%s:%%s:', t.stop, t.stop)
     from (select e.txid::text::numeric + 1 as stop from entry e
            where e.ledger_id = %(ledger)s and e.id > %(restored)s
              and e.txid >= pg_snapshot_xmax(%(after)s::pg_snapshot)
              and e.txid < pg_snapshot_xmin(%(now)s::pg_snapshot)
            order by e.txid offset %(limit)s - 1 limit 1) t),
  %(now)s::text);

-- name: feed
-- Adds what the snapshot `upto` sees and `after` does not. Nothing is written if there is nothing new.
with fed as materialized (
  select e.id, (e.recorded_at at time zone 'UTC')::date as recorded_on
    from entry e
   where e.ledger_id = %(ledger)s and e.id > %(restored)s and e.txid >= pg_snapshot_xmax(%(after)s::pg_snapshot)
     and e.txid < pg_snapshot_xmax(%(upto)s::pg_snapshot) and pg_visible_in_snapshot(e.txid, %(upto)s::pg_snapshot)
  union all
  select e.id, (e.recorded_at at time zone 'UTC')::date
    from entry e
   where e.ledger_id = %(ledger)s and e.id > %(restored)s
     and e.txid = any(%(under_way)s::xid8[])
     and pg_visible_in_snapshot(e.txid, %(upto)s::pg_snapshot)
  union all
  select e.id, (e.recorded_at at time zone 'UTC')::date
    from entry e where e.ledger_id = %(ledger)s and e.id <= %(restored)s and pg_snapshot_xmax(%(after)s::pg_snapshot) = '1'),
moved as materialized (
  select l.account_id, l.currency, l.layer, l.effective_date, fed.recorded_on, l.amount_minor, l.base_minor, l.party,
         l.dim
    from fed join line l on l.ledger_id = %(ledger)s and l.entry_id = fed.id),
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
sums as materialized (
  select facet, value, account_id, currency, layer, effective_date, recorded_on,
         sum(greatest(amount_minor, 0)) as debit, sum(-least(amount_minor, 0)) as credit,
         sum(greatest(base_minor, 0)) as base_debit, sum(-least(base_minor, 0)) as base_credit, count(*) as n
    from split group by 1, 2, 3, 4, 5, 6, 7),
days as (
  insert into day_delta as d (ledger_id, facet, value, account_id, currency, layer, effective_date, recorded_on,
                              debit_minor, credit_minor, base_debit_minor, base_credit_minor, n)
  select %(ledger)s, sums.* from sums order by 2, 3, 4, 5, 6, 7, 8
  on conflict (ledger_id, facet, value, account_id, currency, layer, effective_date, recorded_on) do update
     set debit_minor = d.debit_minor + excluded.debit_minor, credit_minor = d.credit_minor + excluded.credit_minor,
         base_debit_minor = d.base_debit_minor + excluded.base_debit_minor,
         base_credit_minor = d.base_credit_minor + excluded.base_credit_minor, n = d.n + excluded.n),
months as (
  insert into month_delta as d (ledger_id, account_id, currency, layer, month, debit_minor, credit_minor,
                                base_debit_minor, base_credit_minor, n)
  select %(ledger)s, account_id, currency, layer, date_trunc('month', effective_date)::date, sum(debit), sum(credit),
         sum(base_debit), sum(base_credit), sum(n)
    from sums where facet = '' group by 2, 3, 4, 5 order by 2, 3, 4, 5
  on conflict (ledger_id, account_id, currency, layer, month) do update
     set debit_minor = d.debit_minor + excluded.debit_minor, credit_minor = d.credit_minor + excluded.credit_minor,
         base_debit_minor = d.base_debit_minor + excluded.base_debit_minor,
         base_credit_minor = d.base_credit_minor + excluded.base_credit_minor, n = d.n + excluded.n),
later as (
  insert into period_balance as p (ledger_id, last_day, account_id, currency, layer, debit_minor, credit_minor,
                                   base_debit_minor, base_credit_minor, n)
  select %(ledger)s, c.last_day, s.account_id, s.currency, s.layer, sum(s.debit), sum(s.credit), sum(s.base_debit),
         sum(s.base_credit), sum(s.n)
    from sums s join balance_checkpoint c on c.ledger_id = %(ledger)s and c.last_day >= s.effective_date
   where s.facet = '' group by c.last_day, s.account_id, s.currency, s.layer
  on conflict (ledger_id, last_day, account_id, currency, layer) do update
     set debit_minor = p.debit_minor + excluded.debit_minor, credit_minor = p.credit_minor + excluded.credit_minor,
         base_debit_minor = p.base_debit_minor + excluded.base_debit_minor,
         base_credit_minor = p.base_credit_minor + excluded.base_credit_minor, n = p.n + excluded.n),
known as (
  update balance_checkpoint c set recorded_upto = greatest(c.recorded_upto, s.newest)
    from (select b.last_day, max(t.recorded_on) as newest
            from sums t join balance_checkpoint b on b.ledger_id = %(ledger)s and b.last_day >= t.effective_date
           where t.facet = '' group by b.last_day) s
   where c.ledger_id = %(ledger)s and c.last_day = s.last_day and c.recorded_upto < s.newest),
moved_on as (
  update roll_up_cursor set upto = %(upto)s::pg_snapshot where ledger_id = %(ledger)s and exists (select from fed))
select (select count(*) from fed), (select count(*) from moved);

-- name: adopt
-- Entries that were here before this server are fed first, whatever their numbers. To be called with the books taken.
update roll_up_cursor set restored_entry = coalesce((select max(id) from entry where ledger_id = %(ledger)s), 0)
 where ledger_id = %(ledger)s;

-- name: take_books
select take_books(%(ledger)s);

-- name: forget
with days as (delete from day_delta where ledger_id = %(ledger)s),
months as (delete from month_delta where ledger_id = %(ledger)s),
checkpoints as (delete from balance_checkpoint where ledger_id = %(ledger)s)
update roll_up_cursor set upto = '1:1:' where ledger_id = %(ledger)s;

-- name: drop_checkpoints
-- Those of periods that are open again.
delete from balance_checkpoint c
 where c.ledger_id = %(ledger)s
   and not exists (select from period p where p.ledger_id = c.ledger_id and p.area = 0 and p.state <> 'open'
                      and p.last_day = c.last_day);

-- name: missing_checkpoints
select p.last_day from period p
 where p.ledger_id = %(ledger)s and p.area = 0 and p.state <> 'open'
   and not exists (select from balance_checkpoint c where c.ledger_id = p.ledger_id and c.last_day = p.last_day)
 order by p.last_day;

-- name: add_checkpoint
-- The checkpoint before it, and what moved since.
with before as (
  select c.last_day, c.recorded_upto from balance_checkpoint c
   where c.ledger_id = %(ledger)s and c.last_day < %(day)s order by c.last_day desc limit 1),
summed as materialized (
  select p.account_id, p.currency, p.layer, p.debit_minor, p.credit_minor, p.base_debit_minor, p.base_credit_minor, p.n,
         null::date as recorded_on
    from before b join period_balance p on p.ledger_id = %(ledger)s and p.last_day = b.last_day
  union all
  select d.account_id, d.currency, d.layer, d.debit_minor, d.credit_minor, d.base_debit_minor, d.base_credit_minor, d.n,
         d.recorded_on
    from day_delta d
   where d.ledger_id = %(ledger)s and d.facet = '' and d.effective_date <= %(day)s
     and d.effective_date > coalesce((select last_day from before), '-infinity')),
checkpoint as (
  insert into balance_checkpoint (ledger_id, last_day, recorded_upto)
  select %(ledger)s, %(day)s, greatest((select recorded_upto from before), max(recorded_on), '0001-01-01') from summed)
insert into period_balance (ledger_id, last_day, account_id, currency, layer, debit_minor, credit_minor,
                            base_debit_minor, base_credit_minor, n)
select %(ledger)s, %(day)s, account_id, currency, layer, sum(debit_minor), sum(credit_minor), sum(base_debit_minor),
       sum(base_credit_minor), sum(n)
  from summed group by account_id, currency, layer;

-- name: entries_there
select count(*) from entry where ledger_id = %(ledger)s;
