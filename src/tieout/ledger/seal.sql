-- name: take_turn
select pg_advisory_xact_lock(hashtextextended('seal', %(ledger)s));

-- name: try_turn
select pg_try_advisory_xact_lock(hashtextextended('seal', %(ledger)s));

-- name: horizon
-- Every unit of work with a lower number has ended, on the whole server; and which server this is.
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint, (select system_identifier::text from pg_control_system());

-- name: blocks
select b.ledger_id, b.block_no, b.version, b.cluster, b.from_xid::text::bigint, b.to_xid::text::bigint, b.floor_id,
       b.after_id, b.upto_id, b.n, b.lines, b.debits, b.entries_upto, b.lines_upto, b.debits_upto, b.max_id,
       b.accounts_hash, b.merkle_root, b.prev_hash, b.sealed_at, b.block_hash,
       coalesce((select jsonb_agg(jsonb_build_array(c.period_id, encode(c.hash, 'hex')) order by c.period_id)
                   from seal_certificate c where c.ledger_id = b.ledger_id and c.block_no = b.block_no), '[]')
  from seal_block b
 where b.ledger_id = %(ledger)s and b.block_no > %(after)s and b.block_no <= %(upto)s order by b.block_no limit %(limit)s;

-- name: last_block_no
select coalesce(max(block_no), 0) from seal_block where ledger_id = %(ledger)s;

-- name: bound
-- The first unit of work that has something to seal, and the one at which a block of so many entries would end.
with waiting as (
  select e.txid from entry e
   where e.ledger_id = %(ledger)s and e.txid >= %(from)s::text::xid8 and e.txid < %(to)s::text::xid8
     and e.id > %(floor)s
   order by e.txid, e.id)
select (select txid::text::bigint from waiting limit 1),
       (select txid::text::bigint from waiting offset %(limit)s limit 1);

-- name: leaves
-- The entries from (at_xid, at_id) up to, not including, (until_xid, until_id), in pages of leaves; and, where a dump
-- was restored, those above `after_id` whatever their unit of work. A leaf is what model/seal.py says.
with member as (
  select e.* from entry e
   where e.ledger_id = %(ledger)s and e.id > %(floor)s and e.id <= %(ceiling)s
     and (e.txid, e.id) >= (%(at_xid)s::text::xid8, %(at_id)s)
     and (e.txid, e.id) < (%(until_xid)s::text::xid8, %(until_id)s)
  union all
  select e.* from entry e
   where e.ledger_id = %(ledger)s and e.id > %(floor)s and e.id <= %(ceiling)s
     and e.id > %(after)s::bigint and e.txid < %(at_xid)s::text::xid8),
leaf as (
  select (row_number() over (order by e.txid, e.id) - 1) / %(page)s as page_no, e.txid, e.id, e.line_count,
         sha256('\x00' || convert_to(concat('["tieout-leaf-1",', e.ledger_id, ',', e.id, ',', e.txid, ',"',
           encode(e.content_hash, 'hex'), '","', to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           '",', coalesce(e.event_id::text, 'null'), ',', to_json(e.actor), case when e.late then ',true,' else ',false,' end,
           coalesce(e.approval_id::text, 'null'), ',', e.line_count, ',[', (
             select string_agg(concat('[', to_json(k.kind), ',', k.of_entry_id, ']'), ',' order by k.kind collate "C")
               from entry_link k where k.ledger_id = e.ledger_id and k.entry_id = e.id), ']]'), 'UTF8')) as hash
    from member e)
select page_no, count(*), (min(txid))::text::bigint, (array_agg(id order by txid, id))[1], min(id), max(id), sum(line_count)::bigint,
       string_agg(int8send(id), '' order by txid, id), string_agg(hash, '' order by txid, id)
  from leaf group by page_no order by page_no;

-- name: totals
-- Debits and lines per currency of the same entries. Between which numbers they are is said for the planner, which
-- would otherwise read all lines there are.
with member as (
  select e.id, e.line_count from entry e
   where e.ledger_id = %(ledger)s and e.id > %(floor)s and e.id <= %(ceiling)s
     and (e.txid, e.id) >= (%(at_xid)s::text::xid8, %(at_id)s)
     and (e.txid, e.id) < (%(until_xid)s::text::xid8, %(until_id)s)
  union all
  select e.id, e.line_count from entry e
   where e.ledger_id = %(ledger)s and e.id > %(floor)s and e.id <= %(ceiling)s
     and e.id > %(after)s::bigint and e.txid < %(at_xid)s::text::xid8)
select l.currency, coalesce(sum(l.amount_minor) filter (where l.amount_minor > 0), 0)::text, count(*)
  from member m join line l on l.ledger_id = %(ledger)s and l.entry_id = m.id and l.entry_id between %(low)s and %(high)s
 group by l.currency;

-- name: short
-- The first of them that does not have as many lines as it says.
with member as (
  select e.id, e.line_count from entry e
   where e.ledger_id = %(ledger)s and e.id > %(floor)s and e.id <= %(ceiling)s
     and (e.txid, e.id) >= (%(at_xid)s::text::xid8, %(at_id)s)
     and (e.txid, e.id) < (%(until_xid)s::text::xid8, %(until_id)s)
  union all
  select e.id, e.line_count from entry e
   where e.ledger_id = %(ledger)s and e.id > %(floor)s and e.id <= %(ceiling)s
     and e.id > %(after)s::bigint and e.txid < %(at_xid)s::text::xid8)
select min(m.id) from member m
 where m.line_count <> (select count(*) from line l where l.ledger_id = %(ledger)s and l.entry_id = m.id);

-- name: unsealed_accounts
select a.id, sha256(convert_to(concat('["tieout-account-1",', a.ledger_id, ',', a.id, ',', to_json(a.code), ',',
         to_json(a.type), case when a.clearing then ',true,' else ',false,' end, coalesce(to_json(a.currency)::text, 'null'),
         ',', coalesce(to_json(a.source)::text, 'null'), ']'), 'UTF8'))
  from account a
 where a.ledger_id = %(ledger)s
   and not exists (select from seal_account s where s.ledger_id = a.ledger_id and s.account_id = a.id) order by a.id;

-- name: put_accounts
insert into seal_account (ledger_id, account_id, block_no, nature_hash)
select %(ledger)s, t.id, %(block)s, t.hash from unnest(%(ids)s::int[], %(hashes)s::bytea[]) as t (id, hash);

-- name: unsealed_certificates
select c.period_id, c.hash from close_certificate c
 where c.ledger_id = %(ledger)s
   and not exists (select from seal_certificate s where s.ledger_id = c.ledger_id and s.period_id = c.period_id)
 order by c.period_id;

-- name: put_certificates
insert into seal_certificate (ledger_id, period_id, block_no, hash)
select %(ledger)s, t.id, %(block)s, t.hash from unnest(%(ids)s::int[], %(hashes)s::bytea[]) as t (id, hash);

-- name: put_page
insert into seal_page (ledger_id, block_no, page_no, n, first_xid, first_id, ids, leaves)
values (%(ledger)s, %(block)s, %(page)s, %(n)s, %(first_xid)s::text::xid8, %(first_id)s, %(ids)s, %(leaves)s);

-- name: put_block
insert into seal_block (ledger_id, block_no, version, cluster, from_xid, to_xid, floor_id, after_id, upto_id, n, lines,
                        debits, entries_upto, lines_upto, debits_upto, max_id, accounts_hash, merkle_root, prev_hash,
                        block_hash, sealed_at)
values (%(ledger)s, %(block)s, %(version)s, %(cluster)s, %(from)s::text::xid8, %(to)s::text::xid8, %(floor)s, %(after)s,
        %(upto)s, %(n)s, %(lines)s, %(debits)s::jsonb, %(entries_upto)s, %(lines_upto)s, %(debits_upto)s::jsonb, %(max_id)s,
        %(accounts_hash)s, %(root)s, %(prev)s, %(hash)s, %(sealed_at)s);

-- name: clock
select date_trunc('milliseconds', clock_timestamp());

-- name: take_books
select take_books(%(ledger)s);

-- name: newest_entry
select coalesce(max(id), 0) from entry where ledger_id = %(ledger)s;

-- name: waiting
-- What is not sealed yet, at most some hundred thousand, and since when; a restored dump is not looked at.
select count(*), min(w.recorded_at) from (
  select e.recorded_at from entry e
   where e.ledger_id = %(ledger)s and e.id > %(floor)s and e.txid >= %(from)s::text::xid8 limit 100000) w;

-- name: oldest_writer
-- Who holds the horizon: the oldest unit of work on the server that writes.
select a.pid, coalesce(a.datname, ''), coalesce(a.application_name, ''), a.xact_start
  from pg_stat_activity a where a.backend_xid is not null and a.pid <> pg_backend_pid()
 order by age(a.backend_xid) desc limit 1;

-- name: block_of
-- The blocks an entry can be in: where a dump was restored, the block that took in the rest as well.
select b.block_no from entry e join seal_block b on b.ledger_id = e.ledger_id
   and ((b.to_xid > e.txid and b.from_xid <= e.txid and e.id > b.floor_id) or e.id <= b.upto_id)
 where e.ledger_id = %(ledger)s and e.id = %(entry)s order by b.block_no;

-- name: pages
select page_no, ids, leaves from seal_page where ledger_id = %(ledger)s and block_no = %(block)s order by page_no;

-- name: leaf_of
select ledger_id, id, txid::text::bigint, content_hash, recorded_at, event_id, actor, late, approval_id, line_count,
       coalesce((select jsonb_agg(jsonb_build_array(k.kind, k.of_entry_id) order by k.kind collate "C")
                   from entry_link k where k.ledger_id = entry.ledger_id and k.entry_id = entry.id), '[]')
  from entry where ledger_id = %(ledger)s and id = %(entry)s;

-- name: put_anchor
insert into seal_anchor (ledger_id, block_no, place, receipt)
values (%(ledger)s, %(block)s, %(place)s, %(receipt)s) on conflict do nothing;

-- name: anchored
select distinct on (place) place, block_no, anchored_at, receipt
  from seal_anchor where ledger_id = %(ledger)s order by place, block_no desc;

-- name: adoptions
select block_no from seal_block where ledger_id = %(ledger)s and upto_id is not null order by block_no;
