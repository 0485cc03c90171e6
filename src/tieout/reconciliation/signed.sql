-- name: prepare
insert into reconciliation (ledger_id, account_id, currency, first_day, last_day, content, hash, csv, prepared_by,
  prepared_at, last_match)
values (%(ledger)s, %(account)s, %(currency)s, %(first)s, %(last)s, %(content)s, %(hash)s, %(csv)s, %(actor)s, %(now)s,
  coalesce((select max(id) from match where ledger_id = %(ledger)s), 0))
returning id;

-- name: sign
insert into reconciliation_signature (ledger_id, id, reviewed_by, reviewed_at, note, pdf)
values (%(ledger)s, %(id)s, %(actor)s, %(now)s, %(note)s, %(pdf)s);

-- name: found
select r.id, a.code, r.currency, r.first_day, r.last_day, r.content, encode(r.hash, 'hex'), r.prepared_by, r.prepared_at,
       s.reviewed_by, s.reviewed_at, s.note, r.csv
  from reconciliation r
  join account a on a.ledger_id = r.ledger_id and a.id = r.account_id
  left join reconciliation_signature s on s.ledger_id = r.ledger_id and s.id = r.id
 where r.ledger_id = %(ledger)s and (%(id)s::bigint is null or r.id = %(id)s) order by r.id desc;

-- name: pdf
select pdf from reconciliation_signature where ledger_id = %(ledger)s and id = %(id)s;

-- name: freeze
-- Whoever signs stands by what runs tied up to that day in that currency.
insert into match_confirmation (ledger_id, match_id, actor, why)
select m.ledger_id, m.id, %(actor)s, %(why)s from loose_match m
 where m.ledger_id = %(ledger)s and m.currency = %(currency)s and m.id <= %(upto)s
   and not exists (select from allocation al join open_item i on i.ledger_id = al.ledger_id and i.id = al.item_id
                    where al.ledger_id = m.ledger_id and al.match_id = m.id and i.effective_date > %(last)s)
on conflict do nothing;

-- name: upto
select last_match from reconciliation where ledger_id = %(ledger)s and id = %(id)s;

-- name: afterwards
-- What was tied or taken back since, of items that the statement was about.
select m.id, m.reverses_id, m.key, m.why, m.actor, m.recorded_at,
       sum(abs(al.amount_minor)) filter (where (al.amount_minor > 0))::bigint
  from reconciliation r
  join match m on m.ledger_id = r.ledger_id and m.id > r.last_match and m.currency = r.currency
  join allocation al on al.ledger_id = m.ledger_id and al.match_id = m.id
  join open_item i on i.ledger_id = al.ledger_id and i.id = al.item_id
 where r.ledger_id = %(ledger)s and r.id = %(id)s
 group by m.id, m.reverses_id, m.key, m.why, m.actor, m.recorded_at, r.last_day
having min(i.effective_date) <= r.last_day order by m.id;

-- name: refunds
-- Refunds that had not cleared at the end of a day, by account: what matches whose last item came by then leave open.
select a.code, sum(i.amount_minor - coalesce(t.amount, 0))::bigint
  from open_item i
  join account a on a.ledger_id = i.ledger_id and a.id = i.account_id
  left join lateral (
    select sum(al.amount_minor) as amount from allocation al
     where al.ledger_id = i.ledger_id and al.item_id = i.id
       and not exists (select from allocation o join open_item oi on oi.ledger_id = o.ledger_id and oi.id = o.item_id
                        where o.ledger_id = al.ledger_id and o.match_id = al.match_id and oi.effective_date > %(at)s)) t on true
 where i.ledger_id = %(ledger)s and i.currency = %(currency)s and i.effective_date <= %(at)s and i.item like 'refund:%%'
 group by a.code having sum(i.amount_minor - coalesce(t.amount, 0)) <> 0;
