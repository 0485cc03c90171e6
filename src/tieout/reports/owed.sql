-- Amounts here are what sellers are owed: credit positive.

-- name: lines_of_party
select l.entry_id, e.idem_key, l.effective_date, a.role, l.currency, -l.amount_minor, e.rule_id, coalesce(l.item, ''), e.memo
  from line l
  join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
  join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
 where l.ledger_id = %(ledger)s and l.party = %(party)s and l.layer = 0 and l.amount_minor <> 0
   and (%(since)s::date is null or l.effective_date >= %(since)s)
   and (%(until)s::date is null or l.effective_date <= %(until)s)
   and (%(currency)s::text is null or l.currency = %(currency)s)
   and (%(items)s::text[] is null or l.item = any(%(items)s))
 order by l.effective_date, l.entry_id, l.line_no;

-- name: amounts_of_entries
-- What entries are made of for a party: key, row, minor units.
select s.key, r.key, sum(r.value::bigint)::bigint
  from split_row s cross join lateral jsonb_each_text(s.amounts) r
 where s.ledger_id = %(ledger)s and s.key = any(%(keys)s) and s.party = %(party)s
 group by s.key, r.key order by s.key, r.key collate "C";

-- name: standing_of_party
-- What stands in a bucket at the end of a day, by sale, with the day on which it is to leave it as far as that is known.
select t.role, t.item, t.amount, case t.role when 'seller_reserve' then s.reserve_until when 'seller_pending' then s.due_on end
  from (select a.role, coalesce(l.item, '') as item, -sum(l.amount_minor)::bigint as amount
          from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
         where l.ledger_id = %(ledger)s and l.party = %(party)s and l.layer = 0 and l.currency = %(currency)s
           and l.effective_date <= %(at)s
         group by 1, 2 having sum(l.amount_minor) <> 0) t
  left join stake s on s.ledger_id = %(ledger)s and s.sale = t.item and s.party = %(party)s
 order by 1, 4 nulls last, 2;

-- name: profiles
select p.party, p.profile::text, a.account::text, coalesce(a.payable, true)
  from seller_now p left join seller_account_now a on a.ledger_id = p.ledger_id and a.party = p.party
 where p.ledger_id = %(ledger)s and (%(parties)s::text[] is null or p.party = any(%(parties)s))
 order by p.party collate "C";

-- name: currencies_of_party
select distinct l.currency
  from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.role = any(%(roles)s)
 where l.ledger_id = %(ledger)s and l.party = %(party)s order by 1;

-- name: holds_of_party
select h.reason, h.since, h.opened_by, h.ends_when, h.amount_minor, h.until, r.released_on
  from seller_hold h left join seller_hold_release r on r.ledger_id = h.ledger_id and r.hold_id = h.id
 where h.ledger_id = %(ledger)s and h.party = %(party)s order by h.since, h.id;

-- name: payouts
select p.id, p.party, p.currency, p.execute_on, p.state, p.amount_minor
  from payout p
 where p.ledger_id = %(ledger)s and (%(party)s::text is null or p.party = %(party)s)
   and (%(id)s::bigint is null or p.id = %(id)s) and (%(before)s::bigint is null or p.id < %(before)s)
   and (%(currency)s::text is null or p.currency = %(currency)s)
   and (not %(arriving)s or p.state not in ('failed', 'returned', 'canceled'))
 order by p.id desc limit %(limit)s;

-- name: payout_lines
-- The lines of a payout, each with what its entry kept back of the same sale.
select l.entry_id, l.line_no, l.effective_date, coalesce(l.item, ''), e.rule_id, e.idem_key, -l.amount_minor,
       coalesce((select -sum(r.amount_minor) from line r
                   join account k on k.ledger_id = r.ledger_id and k.id = r.account_id and k.role = 'seller_reserve'
                  where r.ledger_id = l.ledger_id and r.entry_id = l.entry_id and r.party = l.party
                    and r.item is not distinct from l.item), 0)::bigint
  from payout_line p
  join line l on l.ledger_id = p.ledger_id and l.entry_id = p.entry_id and l.line_no = p.line_no
  join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
 where p.ledger_id = %(ledger)s and p.payout_id = %(payout)s
 order by l.effective_date, l.entry_id, l.line_no;
