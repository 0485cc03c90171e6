-- name: reserve_entries
select reserve_entries(%(n)s);

-- name: post_entries
select post_entries(%(ledger)s, %(reserved)s, %(separator)s, %(nothing)s, %(days)s, %(times)s, %(counts)s, %(keys)s, %(hashes)b,
  %(events)s, %(rules)s, %(versions)s, %(whys)s, %(memos)s, %(rates)s, %(reverses)s, %(actors)s, %(lates)s,
  %(accounts)s, %(currencies)s, %(amounts)s, %(bases)s, %(parties)s, %(items)s, %(dims)s);

-- name: entries_by_key
select id, idem_key, content_hash from entry where ledger_id = %(ledger)s and idem_key = any(%(keys)s);

-- name: entry_heads
select id, idem_key, effective_date, occurred_at, memo, rule_id, rule_version, why, event_id, reverses_id, actor, late,
       rate, recorded_at, content_hash
  from entry where ledger_id = %(ledger)s and id = any(%(ids)s) order by id;

-- name: entry_lines
select l.entry_id, a.code, l.currency, l.amount_minor, l.base_minor, l.party, l.item, coalesce(l.dim, '{}')
  from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
 where l.ledger_id = %(ledger)s and l.entry_id = any(%(ids)s) order by l.entry_id, l.line_no;

-- name: entry_page
select e.id from entry e
 where e.ledger_id = %(ledger)s and (%(before)s::bigint is null or e.id < %(before)s)
   and (%(since)s::date is null or e.effective_date >= %(since)s)
   and (%(until)s::date is null or e.effective_date <= %(until)s)
   and (%(late)s::boolean is null or e.late = %(late)s)
   and (coalesce(%(account)s::text, %(currency)s::text) is null or exists (
        select 1 from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
         where l.ledger_id = e.ledger_id and l.entry_id = e.id
           and (%(account)s::text is null or a.code = %(account)s)
           and (%(currency)s::text is null or l.currency = %(currency)s)))
   and (%(party)s::text is null or exists (
        select 1 from line l where l.ledger_id = e.ledger_id and l.entry_id = e.id and l.party = %(party)s))
   and (%(text)s::text is null or e.memo ilike %(text)s or e.idem_key ilike %(text)s)
 order by e.id desc limit %(limit)s;

-- name: entry_ids_until
select id from entry where ledger_id = %(ledger)s and effective_date <= %(until)s and id > %(after)s
 order by id limit %(limit)s;

-- name: hash_rows
select idem_key, content_hash from entry
 where ledger_id = %(ledger)s and rule_id <> 'fx.realised' and rule_id not like 'settlement.%%'
 order by idem_key collate "C";

-- name: hash_settled
-- What settlement booked, added up: which of two facts was heard first decides into which entries it is divided.
select a.code, l.currency, coalesce(l.party, ''), coalesce(l.item, ''), sum(l.amount_minor), sum(l.base_minor)
  from entry e join line l on l.ledger_id = e.ledger_id and l.entry_id = e.id
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
 where e.ledger_id = %(ledger)s and e.rule_id like 'settlement.%%'
 group by a.code, l.currency, coalesce(l.party, ''), coalesce(l.item, '') having sum(l.amount_minor) <> 0 or sum(l.base_minor) <> 0
 order by a.code collate "C", l.currency, coalesce(l.party, '') collate "C", coalesce(l.item, '') collate "C";

-- name: hash_realised
-- Differences that matches realised, added up: how runs fall decides into how many entries they are divided.
select a.code, l.currency, sum(l.base_minor)
  from entry e join line l on l.ledger_id = e.ledger_id and l.entry_id = e.id
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
 where e.ledger_id = %(ledger)s and e.rule_id = 'fx.realised'
 group by a.code, l.currency having sum(l.base_minor) <> 0 order by a.code collate "C", l.currency;

-- name: count_entries
select count(*), coalesce(sum(line_count), 0)::bigint from entry where ledger_id = %(ledger)s;

-- name: entries_of_events
-- By their keys, for which there is an index: a fact's own, and that of a version accepted later (events/store.py).
select event_id, id from entry where ledger_id = %(ledger)s and event_id = any(%(ids)s) and idem_key = any(
  select unnest(array[key, key || '~' || version]) from event where ledger_id = %(ledger)s and id = any(%(ids)s)) order by id;

-- name: entries_of_rule
-- Those that no entry has taken back whole.
select e.id, sum(l.amount_minor)
  from account a
  join line l on l.ledger_id = a.ledger_id and l.account_id = a.id and l.currency = %(currency)s
  join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id and e.rule_id = %(rule)s
 where a.ledger_id = %(ledger)s and a.code = %(account)s
   and not exists (select from entry r where r.ledger_id = e.ledger_id and r.reverses_id = e.id)
 group by e.id order by e.id;

-- name: sums_by_role
select a.role, l.currency, sum(l.amount_minor)
  from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
 where l.ledger_id = %(ledger)s and l.layer = 0 and l.effective_date between %(since)s and %(until)s
 group by a.role, l.currency;

-- name: cut_lines
call cut_lines(%(margin)s);

-- name: uncut_lines
call uncut_lines();
