-- The passes, as templates over normalised columns: whole minor units, integer days, normalised references.
-- The same text runs on every engine; a {{name}} is filled by the dialect. `item` is what is still open.
--   item(id, account_id, role, currency, name, amount, day, side, source)   side: 'bank' for bank lines, else ''
--   part(txn, payout)                                                  what the gateway lists for each payout
--   clue(item_id, ref)                                                 normalised references an item goes by
-- Every template gives rows (grp, item_id, amount): one match a grp, allocations that sum to zero (but for the one
-- within a tolerance, whose rest is judged by the rule and written off).

-- name: same_item
select {{text}}(account_id) || '/' || currency || '/' || name as grp, id as item_id, amount
  from item
 where role in {{roles}} and (account_id, currency, name) in (
   select account_id, currency, name from item where role in {{roles}}
    group by account_id, currency, name having sum(amount) = 0 and count(*) > 1);

-- name: payout_of_lines
with sole as (                         -- a line that two payouts claim belongs to neither until a person says so
  select txn, min(payout) as payout from part group by txn having count(distinct payout) = 1),
member as (
  select i.account_id, i.currency, s.payout, i.id, i.name, i.amount
    from item i join sole s on s.txn = i.name where i.role in {{roles}}),
listed as (
  select payout, count(distinct txn) as n from part group by payout),
whole as (
  select m.account_id, m.currency, m.payout from member m join listed l on l.payout = m.payout
   group by m.account_id, m.currency, m.payout, l.n
  having sum(m.amount) = 0 and count(distinct m.name) = l.n and count(*) > 1)
select {{text}}(m.account_id) || '/' || m.currency || '/' || m.payout as grp, m.id as item_id, m.amount
  from member m join whole w on w.account_id = m.account_id and w.currency = m.currency and w.payout = m.payout;

-- name: bank_by_reference
with link as (                         -- every bank line and payout that share a reference, whatever their amounts
  select distinct b.id as bank_id, p.id as payout_id, b.amount as bank_amount, p.amount as payout_amount
    from item b join clue cb on cb.item_id = b.id
    join clue cp on cp.ref = cb.ref
    join item p on p.id = cp.item_id and p.account_id = b.account_id and p.currency = b.currency
   where b.role in {{roles}} and p.role in {{roles}} and b.side = 'bank' and p.side = ''),
sole as (                              -- payouts that exactly one bank line names
  select payout_id from link group by payout_id having count(*) = 1),
tied as (
  select l.bank_id from link l left join sole s on s.payout_id = l.payout_id
   group by l.bank_id, l.bank_amount
  having count(*) = count(s.payout_id) and sum(l.payout_amount) + l.bank_amount = 0)
select {{text}}(l.bank_id) as grp, l.payout_id as item_id, l.payout_amount as amount
  from link l join tied t on t.bank_id = l.bank_id
union all
select {{text}}(i.id), i.id, i.amount from item i join tied t on t.bank_id = i.id;

-- name: bank_within_tolerance
with link as (                         -- every bank line and payout that share a reference, whatever their amounts
  select distinct b.id as bank_id, p.id as payout_id, b.amount as bank_amount, p.amount as payout_amount
    from item b join clue cb on cb.item_id = b.id
    join clue cp on cp.ref = cb.ref
    join item p on p.id = cp.item_id and p.account_id = b.account_id and p.currency = b.currency
   where b.role in {{roles}} and p.role in {{roles}} and b.side = 'bank' and p.side = ''),
sole as (                              -- payouts that exactly one bank line names
  select payout_id from link group by payout_id having count(*) = 1),
tied as (
  select l.bank_id from link l left join sole s on s.payout_id = l.payout_id
   group by l.bank_id, l.bank_amount
  having count(*) = count(s.payout_id) and sum(l.payout_amount) + l.bank_amount <> 0
     and sign(sum(l.payout_amount)) = -sign(l.bank_amount))
select {{text}}(l.bank_id) as grp, l.payout_id as item_id, l.payout_amount as amount
  from link l join tied t on t.bank_id = l.bank_id
union all
select {{text}}(i.id), i.id, i.amount from item i join tied t on t.bank_id = i.id;

-- name: bank_links
-- What bank lines and payouts still open name each other, for the explanation of what did not match.
select distinct b.id as bank_id, p.id as payout_id
  from item b join clue cb on cb.item_id = b.id
  join clue cp on cp.ref = cb.ref
  join item p on p.id = cp.item_id and p.account_id = b.account_id and p.currency = b.currency
 where b.side = 'bank' and p.side = '' order by 1, 2;
