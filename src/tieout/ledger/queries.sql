-- name: share_books
select share_books(%(ledger)s);

-- name: insert_entries
-- Headers and lines in one statement, so that neither is ever there without the other. Keys are inserted in order, so
-- that two posters of the same facts wait for each other instead of for ever; numbers follow the caller's order.
with head as materialized (
  select nextval(pg_get_serial_sequence('entry', 'id')) as id, h.*
    from unnest(%(days)s::date[], %(times)s::timestamptz[], %(counts)s::smallint[], %(keys)s::text[],
      %(hashes)s::bytea[], %(events)s::bigint[], %(rules)s::text[], %(versions)s::int[], %(whys)s::text[],
      %(memos)s::text[], %(rates)s::text[], %(reverses)s::bigint[], %(actors)s::text[], %(lates)s::boolean[])
    with ordinality as h (effective_date, occurred_at, line_count, idem_key, content_hash, event_id, rule_id,
      rule_version, why, memo, rate, reverses_id, actor, late, place)
   order by h.place),
entered as (
  insert into entry (ledger_id, id, effective_date, occurred_at, line_count, idem_key, content_hash, event_id, rule_id,
                     rule_version, why, memo, rate, reverses_id, actor, late)
  overriding system value
  select %(ledger)s, id, effective_date, occurred_at, line_count, idem_key, content_hash, event_id, rule_id,
         rule_version, why, memo, rate, reverses_id, actor, late
    from head order by idem_key collate "C"
  on conflict (ledger_id, idem_key) do nothing
  returning id, idem_key, effective_date),
lines as (
  insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date,
                    party, item, dim)
  select %(ledger)s, entered.id, l.line_no, l.account_id, l.currency, l.amount_minor, l.base_minor,
         entered.effective_date, l.party, l.item, l.dim
    from entered
    join head on head.id = entered.id
    join unnest(%(places)s::bigint[], %(numbers)s::smallint[], %(accounts)s::int[], %(currencies)s::text[],
      %(amounts)s::bigint[], %(bases)s::bigint[], %(parties)s::text[], %(items)s::text[], %(dims)s::jsonb[])
      as l (place, line_no, account_id, currency, amount_minor, base_minor, party, item, dim) using (place))
select id, idem_key from entered;

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
   and (%(account)s::text is null or exists (
        select 1 from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
         where l.ledger_id = e.ledger_id and l.entry_id = e.id and a.code = %(account)s
           and (%(currency)s::text is null or l.currency = %(currency)s)))
   and (%(party)s::text is null or exists (
        select 1 from line l where l.ledger_id = e.ledger_id and l.entry_id = e.id and l.party = %(party)s))
   and (%(text)s::text is null or e.memo ilike %(text)s or e.idem_key ilike %(text)s)
 order by e.id desc limit %(limit)s;

-- name: entry_ids_until
select id from entry where ledger_id = %(ledger)s and effective_date <= %(until)s and id > %(after)s
 order by id limit %(limit)s;

-- name: balances
select a.code, l.currency, sum(l.amount_minor), sum(l.base_minor)
  from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
 where l.ledger_id = %(ledger)s and l.layer = 0 and (%(until)s::date is null or l.effective_date <= %(until)s)
   and (%(accounts)s::text[] is null or a.code = any(%(accounts)s))
 group by a.code, l.currency order by a.code, l.currency;

-- name: hash_rows
select idem_key, content_hash from entry where ledger_id = %(ledger)s order by idem_key collate "C";

-- name: count_entries
select count(*), coalesce(sum(line_count), 0)::bigint from entry where ledger_id = %(ledger)s;

-- name: entries_of_events
select event_id, id from entry where ledger_id = %(ledger)s and idem_key = any(
  select key from event where ledger_id = %(ledger)s and id = any(%(ids)s)) order by id;

-- name: sums_by_role
select a.role, l.currency, sum(l.amount_minor)
  from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
 where l.ledger_id = %(ledger)s and l.layer = 0 and l.effective_date between %(since)s and %(until)s
 group by a.role, l.currency;
