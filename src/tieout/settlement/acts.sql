-- name: try_turn
select try_settlement(%(ledger)s, %(what)s);

-- name: insert_act
insert into seller_act (ledger_id, key, step, reason_code, party, sale, currency, amount_minor, extra_minor, day, source,
                        note, evidence, asked_by, needs_second)
values (%(ledger)s, %(key)s, %(step)s, %(reason)s, %(party)s, %(sale)s, %(currency)s, %(amount)s, %(extra)s, %(day)s,
        %(source)s, %(note)s, %(evidence)s, %(by)s, %(second)s)
on conflict (ledger_id, key) do nothing returning id;

-- name: insert_verdict
insert into seller_act_verdict (ledger_id, act_id, approved, decided_by, reason)
values (%(ledger)s, %(act)s, %(approved)s, %(by)s, %(reason)s)
on conflict do nothing returning act_id;

-- name: acts
select a.id, a.key, a.step, a.amount_minor, a.currency, a.day, a.reason_code, a.note, a.party, a.sale, a.source,
       a.extra_minor, a.evidence, a.asked_by, a.asked_at, a.needs_second, v.approved, v.decided_by
  from seller_act a left join seller_act_verdict v on v.ledger_id = a.ledger_id and v.act_id = a.id
 where a.ledger_id = %(ledger)s and (%(numbers)s::bigint[] is null or a.id = any(%(numbers)s))
   and (%(key)s::text is null or a.key = %(key)s)
   and (not %(waiting)s or (a.needs_second and v.act_id is null))
 order by a.id desc limit %(limit)s;

-- name: overdrawn
select l.party, l.currency, sum(l.amount_minor)
  from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.code = %(account)s
 where l.ledger_id = %(ledger)s and l.effective_date <= %(day)s and l.party is not null
 group by l.party, l.currency having sum(l.amount_minor) > 0 order by l.party, l.currency;
