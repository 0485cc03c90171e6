-- name: cursor
select coalesce((select upto_entry from item_cursor where ledger_id = %(ledger)s), 0);

-- name: wrong_items
-- Open items that are not what the lines of their entry come to, or tied by another amount than their matches allocate.
with derived as (
  select l.entry_id, l.account_id, l.currency, coalesce(l.item, 'entry:' || l.entry_id) as item,
         sum(l.amount_minor) as amount, sum(l.base_minor) as base, min(l.effective_date) as day
    from line l
   where l.ledger_id = %(ledger)s and l.entry_id > %(after)s and l.entry_id <= %(upto)s
     and l.account_id = any (array(select id from account where ledger_id = %(ledger)s and clearing))
   group by 1, 2, 3, 4 having sum(l.amount_minor) <> 0),
kept as (
  select i.entry_id, i.account_id, i.currency, i.item, i.amount_minor, i.base_minor, i.effective_date, i.event_id, e.id,
         e.event_id as told, i.tied_minor,
         (select sum(a.amount_minor) from allocation a where a.ledger_id = i.ledger_id and a.item_id = i.id) as allocated
    from open_item i
    left join entry e on e.ledger_id = i.ledger_id and e.id = i.entry_id and e.id > %(after)s and e.id <= %(upto)s
   where i.ledger_id = %(ledger)s and i.entry_id > %(after)s and i.entry_id <= %(upto)s)
select entry_id, (select code from account a where a.ledger_id = %(ledger)s and a.id = account_id), item,
       case when d.amount is null then 'invented' when k.amount_minor is null then 'missing'
            when (d.amount, d.base, d.day) is distinct from (k.amount_minor, k.base_minor, k.effective_date)
              or k.event_id is distinct from k.told then 'other'
            else 'tied' end
  from derived d full join kept k using (entry_id, account_id, currency, item)
 where ((d.amount, d.base, d.day) is distinct from (k.amount_minor, k.base_minor, k.effective_date)
        or k.event_id is distinct from k.told or k.tied_minor <> coalesce(k.allocated, 0))
   and (k.entry_id is not null or entry_id <= %(cursor)s)
 order by 1 limit 100;
