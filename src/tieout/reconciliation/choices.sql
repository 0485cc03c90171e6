-- name: refuse
insert into refused_pair (ledger_id, item_id, other_id, actor, why)
values (%(ledger)s, least(%(one)s, %(two)s), greatest(%(one)s, %(two)s), %(actor)s, %(why)s)
on conflict do nothing returning item_id;

-- name: refused
select item_id, other_id from refused_pair where ledger_id = %(ledger)s;

-- name: habits
-- How often people tied two items of an account that lie so many days apart.
select account_id, lag, count(*) from (
  select m.account_id, max(i.effective_date) - min(i.effective_date) as lag
    from match m
    join allocation al on al.ledger_id = m.ledger_id and al.match_id = m.id
    join open_item i on i.ledger_id = al.ledger_id and i.id = al.item_id
   where m.ledger_id = %(ledger)s and m.pass_id = 'person' and m.reverses_id is null
     and not exists (select from match r where r.ledger_id = m.ledger_id and r.reverses_id = m.id)
   group by m.id, m.account_id having count(*) = 2) pairs
 group by account_id, lag;
