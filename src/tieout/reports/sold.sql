-- Amounts here are what sellers are owed: credit positive.

-- name: moved_by_rule
select e.rule_id, l.currency, -sum(l.amount_minor)::bigint
  from line l
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
  join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
 where l.ledger_id = %(ledger)s and l.layer = 0 and l.effective_date between %(since)s and %(until)s
 group by 1, 2 having sum(l.amount_minor) <> 0 order by 1, 2;

-- name: made_of
-- What entries of some days are made of, by rule and by whatever `by` names; the currency is that of the seller's lines.
select e.rule_id, t.currency, case %(by)s when 'category' then s.category when 'channel' then s.channel
                                          when 'region' then s.region when 'day' then e.effective_date::text
                                          when 'party' then s.party
                                          when 'quarter' then s.party || '/' || extract(quarter from e.effective_date)::int else '' end as place,
       r.key, sum(r.value::bigint)::bigint
  from entry e
  join split_row s on s.ledger_id = e.ledger_id and s.key = e.idem_key
 cross join lateral (select l.currency from line l
                      where l.ledger_id = e.ledger_id and l.entry_id = e.id and l.party = s.party limit 1) t
 cross join lateral jsonb_each_text(s.amounts) r
 where e.ledger_id = %(ledger)s and e.effective_date between %(since)s and %(until)s
 group by 1, 2, 3, 4 order by 3, 1, 2, 4;

-- name: split_lines
-- What the ledger has for the entries that were split: what their parts must come to.
select l.currency, -sum(l.amount_minor)::bigint
  from line l
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
  join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
 where l.ledger_id = %(ledger)s and l.layer = 0 and l.effective_date between %(since)s and %(until)s
   and exists (select from split_row s where s.ledger_id = e.ledger_id and s.key = e.idem_key and s.party = l.party)
 group by 1 order by 1;

-- name: standing
-- What stands in some buckets at the end of a day, by party and sale, with the day on which it leaves.
select t.role, t.party, t.item, t.currency, t.amount,
       case t.role when 'seller_reserve' then s.reserve_until when 'seller_pending' then s.due_on end
  from (select a.role, l.party, coalesce(l.item, '') as item, l.currency, -sum(l.amount_minor)::bigint as amount
          from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
         where l.ledger_id = %(ledger)s and l.layer = 0 and l.party is not null and l.effective_date <= %(at)s
         group by 1, 2, 3, 4 having sum(l.amount_minor) <> 0) t
  left join stake s on s.ledger_id = %(ledger)s and s.sale = t.item and s.party = t.party
 order by 1, 6 nulls last, 4, 2, 3;

-- name: cohorts
-- The sales of some days by seller: what they came to, and what of them was refunded or disputed until now.
with sold as (
  select l.party, l.item, l.currency, -sum(l.amount_minor)::bigint as net
    from line l
    join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
    join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id and e.rule_id = any(%(sold)s)
   where l.ledger_id = %(ledger)s and l.layer = 0 and l.party is not null and l.item is not null
     and l.effective_date between %(since)s and %(until)s
   group by 1, 2, 3)
select s.party, s.currency, count(*), sum(s.net)::bigint, count(*) filter (where b.refunded <> 0),
       coalesce(sum(b.refunded), 0)::bigint, count(*) filter (where b.disputed <> 0), coalesce(sum(b.disputed), 0)::bigint
  from sold s
  left join lateral (
    select sum(l.amount_minor) filter (where e.rule_id = 'settlement.refunded') as refunded,
           -sum(l.amount_minor) filter (where e.rule_id = 'settlement.held' and a.role = 'seller_dispute_hold') as disputed
      from line l
      join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
      join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
     where l.ledger_id = %(ledger)s and l.layer = 0 and l.party = s.party and l.item = s.item
       and l.currency = s.currency and l.effective_date >= %(since)s) b on true
 group by 1, 2 order by 1, 2;

-- name: paid_by_buyers
-- What buyers paid for each seller's part of sales, by month, and how many payments that were.
select s.party, s.currency, extract(month from s.captured_on)::int, sum(s.total_minor)::bigint, count(*),
       sum(s.net_minor)::bigint
  from stake s where s.ledger_id = %(ledger)s and s.captured_on between %(since)s and %(until)s
 group by 1, 2, 3 order by 1, 2, 3;

-- name: net_of_sales
-- What the ledger has for sales of some days: sold, and given back since.
select l.currency, -sum(l.amount_minor)::bigint
  from line l
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
  join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
   and e.rule_id in ('settlement.captured', 'settlement.accrued', 'settlement.refunded', 'settlement.dispute_lost')
  join stake s on s.ledger_id = l.ledger_id and s.sale = l.item and s.party = l.party
   and s.captured_on between %(since)s and %(until)s
 where l.ledger_id = %(ledger)s and l.layer = 0 group by 1 order by 1;

-- name: sales_counted
select l.party, extract(quarter from l.effective_date)::int, l.currency, count(distinct l.item)
  from line l
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
  join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id and e.rule_id = any(%(sold)s)
 where l.ledger_id = %(ledger)s and l.layer = 0 and l.party is not null
   and l.effective_date between %(since)s and %(until)s
 group by 1, 2, 3 order by 1, 2, 3;

-- name: weeks
-- What sales, less what was given back, came to for sellers, by week (its Monday).
select l.currency, date_trunc('week', l.effective_date)::date, -sum(l.amount_minor)::bigint
  from line l
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
  join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
   and e.rule_id in ('settlement.captured', 'settlement.accrued', 'settlement.refunded', 'settlement.dispute_lost')
 where l.ledger_id = %(ledger)s and l.layer = 0 and l.effective_date <= %(at)s
 group by 1, 2 order by 1, 2;

-- name: lags
-- How many days sales of the last quarter of a year took to be released.
select s.currency, round(avg(s.released_on - s.captured_on))::int
  from stake s where s.ledger_id = %(ledger)s and s.released_on > %(at)s::date - 91 and s.released_on <= %(at)s
 group by 1;
