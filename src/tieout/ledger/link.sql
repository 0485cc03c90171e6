-- name: take_entry
select take_entry(%(ledger)s, %(entry)s);

-- name: left
-- In the order of the lines the entry has.
select a.code, r.currency, r.party, r.item, coalesce(r.dim, '{}'), r.left_minor, r.left_base,
       (select array_agg(l.line_no order by l.line_no) from line l
         where l.ledger_id = %(ledger)s and l.entry_id = %(entry)s
           and (l.account_id, l.currency, l.layer) = (r.account_id, r.currency, r.layer)
           and (l.party, l.item, l.dim) is not distinct from (r.party, r.item, r.dim)
           and sign(case when l.amount_minor <> 0 then l.amount_minor else l.base_minor end) = r.side) as numbers
  from entry_left(%(ledger)s, %(entry)s) r
  join account a on a.ledger_id = %(ledger)s and a.id = r.account_id
 order by numbers;

-- name: put_link
insert into entry_link (ledger_id, entry_id, kind, of_entry_id) values (%(ledger)s, %(entry)s, %(kind)s, %(of)s);

-- name: links
-- Both ways: what these entries correct, and what corrects them.
select k.entry_id, k.kind, k.of_entry_id from entry_link k
 where k.ledger_id = %(ledger)s and (k.entry_id = any(%(ids)s) or k.of_entry_id = any(%(ids)s))
union
select e.id, 'reverses', e.reverses_id from entry e
 where e.ledger_id = %(ledger)s and e.reverses_id is not null
   and (e.id = any(%(ids)s) or e.reverses_id = any(%(ids)s))
order by 1, 2;
