-- name: set_guard
update account set guard = %(guard)s, guard_per_party = %(per_party)s
 where ledger_id = %(ledger)s and id = %(account)s;

-- name: drop_balances
delete from guard_balance where ledger_id = %(ledger)s and account_id = %(account)s;

-- name: put_balances
insert into guard_balance (ledger_id, account_id, currency, party, balance_minor)
select l.ledger_id, l.account_id, l.currency, case when %(per_party)s then coalesce(l.party, '') else '' end,
       sum(l.amount_minor)
  from line l where l.ledger_id = %(ledger)s and l.account_id = %(account)s
 group by 1, 2, 3, 4;

-- name: drop_limits
delete from guard_limit where ledger_id = %(ledger)s and account_id = %(account)s;

-- name: put_limit
insert into guard_limit (ledger_id, account_id, currency, party, limit_minor)
values (%(ledger)s, %(account)s, %(currency)s, %(party)s, %(limit)s);

-- name: limits
select a.code, g.currency, g.party, g.limit_minor
  from guard_limit g join account a on a.ledger_id = g.ledger_id and a.id = g.account_id
 where g.ledger_id = %(ledger)s order by a.code, g.currency, g.party;

-- name: over
-- Guarded balances beyond their limit: what stood so when the guard was set.
select a.code, b.currency, b.party, b.balance_minor, coalesce(o.limit_minor, e.limit_minor, 0)
  from guard_balance b join account a on a.ledger_id = b.ledger_id and a.id = b.account_id
  left join guard_limit o on o.ledger_id = b.ledger_id and o.account_id = b.account_id and o.currency = b.currency
                         and o.party = b.party
  left join guard_limit e on e.ledger_id = b.ledger_id and e.account_id = b.account_id and e.currency = b.currency
                         and e.party = ''
 where b.ledger_id = %(ledger)s and b.account_id = %(account)s
   and case a.guard when 'no_debit_balance' then b.balance_minor else -b.balance_minor end
       > coalesce(o.limit_minor, e.limit_minor, 0)
 order by b.currency, b.party;

-- name: astray
-- Guarded balances that are not the sum of their lines; none, unless something wrote past the ledger.
select a.code, coalesce(b.currency, l.currency), coalesce(b.party, l.party), coalesce(b.balance_minor, 0),
       coalesce(l.amount, 0)
  from (select n.ledger_id, n.account_id, n.currency,
               case when c.guard_per_party then coalesce(n.party, '') else '' end as party, sum(n.amount_minor) as amount
          from line n join account c on c.ledger_id = n.ledger_id and c.id = n.account_id and c.guard <> 'none'
         where n.ledger_id = %(ledger)s group by 1, 2, 3, 4) l
  full join (select * from guard_balance where ledger_id = %(ledger)s) b
    on b.account_id = l.account_id and b.currency = l.currency and b.party = l.party
  join account a on a.ledger_id = %(ledger)s and a.id = coalesce(b.account_id, l.account_id)
 where coalesce(b.balance_minor, 0) <> coalesce(l.amount, 0)
 order by 1, 2, 3;

-- name: is_any
select exists (select from account where ledger_id = %(ledger)s and guard <> 'none')
    or exists (select from guard_balance where ledger_id = %(ledger)s);
