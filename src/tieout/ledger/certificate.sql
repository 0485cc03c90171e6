-- name: sums
-- What moved on the days of a period, in its area, per account and currency.
select a.code, l.currency, coalesce(sum(l.amount_minor) filter (where l.amount_minor > 0), 0)::text,
       coalesce(-sum(l.amount_minor) filter (where l.amount_minor < 0), 0)::text,
       coalesce(sum(l.base_minor) filter (where l.base_minor > 0), 0)::text,
       coalesce(-sum(l.base_minor) filter (where l.base_minor < 0), 0)::text, count(*)
  from account a join line l on l.ledger_id = a.ledger_id and l.account_id = a.id
 where a.ledger_id = %(ledger)s and (%(area)s = 0 or a.area = %(area)s)
   and l.effective_date between %(first)s and %(last)s
 group by a.code, l.currency order by a.code collate "C", l.currency;

-- name: entries
select count(*) from entry where ledger_id = %(ledger)s and effective_date between %(first)s and %(last)s;

-- name: put
insert into close_certificate (ledger_id, period_id, block_no, block_hash, entries, lines, sums, hash, certified_at)
values (%(ledger)s, %(period)s, %(block)s, %(block_hash)s, %(entries)s, %(lines)s, %(sums)s::jsonb, %(hash)s, %(at)s);

-- name: certificates
-- Every certificate that is there or was sealed, with its period as it is now.
select coalesce(c.period_id, s.period_id), c.block_no, c.block_hash, c.entries, c.lines, c.sums, c.hash, c.certified_at,
       s.hash, p.area, p.first_day, p.last_day, p.state
  from (select * from close_certificate where ledger_id = %(ledger)s) c
  full join (select * from seal_certificate where ledger_id = %(ledger)s) s on s.period_id = c.period_id
  left join period p on p.ledger_id = %(ledger)s and p.id = coalesce(c.period_id, s.period_id)
 order by 1;

-- name: clock
select date_trunc('milliseconds', clock_timestamp());
