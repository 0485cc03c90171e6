-- name: hold_still
set transaction isolation level repeatable read, read only;

-- name: entry_order
select id from entry
 where ledger_id = %(ledger)s and effective_date between %(first)s and %(last)s
 order by effective_date, id;

-- name: keys
select id, idem_key from entry where ledger_id = %(ledger)s and id = any(%(ids)s);

-- name: first_days
select a.code, min(l.effective_date)
  from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
 where l.ledger_id = %(ledger)s and l.effective_date between %(first)s and %(last)s
 group by a.code;

-- name: last_day
select max(effective_date) from entry where ledger_id = %(ledger)s;

-- name: entry_count
select count(*) from entry where ledger_id = %(ledger)s and effective_date between %(first)s and %(last)s;

-- name: totals
select currency, count(*), coalesce(sum(amount_minor) filter (where amount_minor > 0), 0),
       coalesce(-sum(amount_minor) filter (where amount_minor < 0), 0),
       coalesce(sum(base_minor) filter (where base_minor > 0), 0),
       coalesce(-sum(base_minor) filter (where base_minor < 0), 0)
  from line where ledger_id = %(ledger)s and effective_date between %(first)s and %(last)s
 group by currency order by currency;

-- name: seal_head
select block_no, block_hash from seal_block where ledger_id = %(ledger)s order by block_no desc limit 1;

-- name: numbers
select idem_key, id from entry where ledger_id = %(ledger)s and idem_key = any(%(keys)s);
