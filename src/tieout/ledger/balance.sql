-- name: sums
-- What the cursor sees comes from projections, what it does not see yet from the lines themselves; both in one
-- statement, so that the cursor cannot move in between. As known at a time: what was recorded on the days before it
-- comes from projections, what was recorded on its own day (UTC) from the lines. The parts of `unseen` are looked up
-- one entry at a time (`offset 0` keeps it so): they are few, which cannot be known when the statement is planned.
with cursor as materialized (
  select coalesce(c.upto, '1:1:') as upto, coalesce(c.restored_entry, 0) as restored, c.upto is not null as usable
    from (values (1)) one left join roll_up_cursor c
      on c.ledger_id = %(ledger)s and pg_snapshot_xmax(c.upto) <= pg_snapshot_xmax(pg_current_snapshot())),
moment as materialized (
  select (%(known)s::timestamptz at time zone 'UTC')::date as today,
         date_trunc('day', %(known)s::timestamptz, 'UTC') as midnight),
checkpoint as materialized (
  select c.usable, max(b.last_day) as day
    from cursor c cross join moment m left join balance_checkpoint b
      on b.ledger_id = %(ledger)s and c.usable and %(facet)s = '' and (%(at)s::date is null or b.last_day <= %(at)s)
     and (m.today is null or b.recorded_upto < m.today)
   group by c.usable),
-- After the checkpoint come whole months, unless it is asked for a facet or for what was known at a time, and before
-- and after those the days.
months as materialized (
  select k.usable,
         case when k.day is null then '-infinity'::date
              else (date_trunc('month', k.day) + interval '1 month')::date end as first,
         case when %(at)s::date is null then 'infinity'::date
              else date_trunc('month', %(at)s::date + 1)::date end as after
    from checkpoint k cross join moment m where k.usable and %(facet)s = '' and m.today is null),
days as materialized (
  select coalesce(k.day + 1, '-infinity') as first, coalesce(%(at)s::date, 'infinity') as last
    from checkpoint k where k.usable and not exists (select from months)
  union all
  select coalesce(k.day + 1, '-infinity'), least(s.first - 1, coalesce(%(at)s::date, 'infinity'))
    from checkpoint k cross join months s where k.day is not null
  union all
  select greatest(s.first, s.after), coalesce(%(at)s::date, 'infinity') from months s where s.after < 'infinity'),
unseen as materialized (
  select t.id from cursor c cross join moment m cross join lateral (
    select e.id, e.recorded_at from entry e
     where e.ledger_id = %(ledger)s and e.txid between pg_snapshot_xmax(c.upto) and '18446744073709551615'
       and e.id > c.restored
     order by e.txid, e.id offset 0) t
   where m.midnight is null or t.recorded_at < m.midnight
  union all
  select t.id from cursor c cross join moment m cross join pg_snapshot_xip(c.upto) x cross join lateral (
    select e.id, e.recorded_at from entry e
     where e.ledger_id = %(ledger)s and e.txid = x.x and e.id > c.restored
     order by e.txid, e.id offset 0) t
   where m.midnight is null or t.recorded_at < m.midnight
  union all
  select e.id from entry e
   where e.ledger_id = %(ledger)s and e.recorded_at <= %(known)s::timestamptz
     and e.recorded_at >= date_trunc('day', %(known)s::timestamptz, 'UTC')),
part as (
  select p.account_id, p.currency, p.debit_minor, p.credit_minor, p.base_debit_minor, p.base_credit_minor
    from checkpoint k join period_balance p on p.ledger_id = %(ledger)s and p.last_day = k.day
   where p.layer = %(layer)s and (%(accounts)s::text[] is null or p.account_id = any(array(
           select id from account where ledger_id = %(ledger)s and code = any(%(accounts)s))))
  union all
  select d.account_id, d.currency, d.debit_minor, d.credit_minor, d.base_debit_minor, d.base_credit_minor
    from months s join month_delta d on d.ledger_id = %(ledger)s and d.month >= s.first and d.month < s.after
   where d.layer = %(layer)s and (%(accounts)s::text[] is null or d.account_id = any(array(
           select id from account where ledger_id = %(ledger)s and code = any(%(accounts)s))))
  union all
  select d.account_id, d.currency, d.debit_minor, d.credit_minor, d.base_debit_minor, d.base_credit_minor
    from days k cross join moment m cross join lateral (
      select d.account_id, d.currency, sum(d.debit_minor) as debit_minor, sum(d.credit_minor) as credit_minor,
             sum(d.base_debit_minor) as base_debit_minor, sum(d.base_credit_minor) as base_credit_minor
        from day_delta d
       where d.ledger_id = %(ledger)s and d.facet = facet_key(%(facet)s) and d.value = facet_key(%(value)s)
         and d.layer = %(layer)s and d.effective_date between k.first and k.last
         and (m.today is null or d.recorded_on < m.today)
         and (%(accounts)s::text[] is null or d.account_id = any(array(
           select id from account where ledger_id = %(ledger)s and code = any(%(accounts)s))))
       group by d.account_id, d.currency) d
  union all
  select l.account_id, l.currency, greatest(l.amount_minor, 0), -least(l.amount_minor, 0), greatest(l.base_minor, 0),
         -least(l.base_minor, 0)
    from unseen u cross join lateral (
      select * from line l where l.ledger_id = %(ledger)s and l.entry_id = u.id offset 0) l
   where l.layer = %(layer)s and (%(at)s::date is null or l.effective_date <= %(at)s)
     and (%(accounts)s::text[] is null or l.account_id = any(array(
           select id from account where ledger_id = %(ledger)s and code = any(%(accounts)s))))
     and case %(facet)s when '' then true when 'party' then l.party = %(value)s
         else l.dim ->> %(dimension)s = %(value)s end)
select a.code, a.name, a.type, t.currency, t.debit, t.credit, t.base_debit, t.base_credit
  from (select account_id, currency, sum(debit_minor) as debit, sum(credit_minor) as credit,
               sum(base_debit_minor) as base_debit, sum(base_credit_minor) as base_credit
          from part group by account_id, currency) t
  join account a on a.ledger_id = %(ledger)s and a.id = t.account_id
 order by a.code collate "C", t.currency;

-- name: is_account
select exists (select from account where ledger_id = %(ledger)s and code = %(code)s);

-- name: register_page
-- A page of an account's lines in the order of the books, after a given place, with what was known at a time.
select e.id, l.line_no, l.effective_date, e.recorded_at, e.memo, l.amount_minor, l.base_minor, l.party, l.item
  from line l join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
 where l.ledger_id = %(ledger)s and l.layer = %(layer)s and l.currency = %(currency)s
   and l.account_id = (select id from account where ledger_id = %(ledger)s and code = %(account)s)
   and (%(at)s::date is null or l.effective_date <= %(at)s)
   and (%(known)s::timestamptz is null or e.recorded_at <= %(known)s)
   and (l.effective_date, l.entry_id, l.line_no) > (%(day)s::date, %(entry)s::bigint, %(line)s::smallint)
 order by l.effective_date, l.entry_id, l.line_no limit %(limit)s;

-- name: moved_upto_place
-- What moved on the day of a place, up to and including it.
select coalesce(sum(l.amount_minor), 0), coalesce(sum(l.base_minor), 0)
  from line l
 where l.ledger_id = %(ledger)s and l.layer = %(layer)s and l.currency = %(currency)s
   and l.account_id = (select id from account where ledger_id = %(ledger)s and code = %(account)s)
   and l.effective_date = %(day)s and (l.entry_id, l.line_no) <= (%(entry)s::bigint, %(line)s::smallint)
   and (%(known)s::timestamptz is null or exists (
        select from entry e where e.ledger_id = l.ledger_id and e.id = l.entry_id and e.recorded_at <= %(known)s));

-- name: hold_still
set transaction isolation level repeatable read, read only;

-- name: codes_below
-- The accounts of a class or account, itself included.
select code from account_tree where ledger_id = %(ledger)s and ancestor = %(code)s;
