-- name: insert_policy
insert into payout_policy (ledger_id, version, policy, published_by, reason)
select %(ledger)s, coalesce(max(p.version), 0) + 1, %(policy)s, %(by)s, %(reason)s
  from payout_policy p where p.ledger_id = %(ledger)s
on conflict (ledger_id, version) do nothing returning version;

-- name: policy
select version, policy::text from payout_policy where ledger_id = %(ledger)s order by version desc limit 1;

-- name: insert_run
insert into payout_run (ledger_id, key, day, policy_version, made_by)
values (%(ledger)s, %(key)s, %(day)s, %(version)s, %(by)s) on conflict (ledger_id, key) do nothing returning id;

-- name: insert_parts
insert into payout_part (ledger_id, run_id, part_no, parties)
select %(ledger)s, %(run)s, t.part_no, array_agg(t.party order by t.party)
  from (select party, ((place - 1) / %(size)s)::int + 1 as part_no
          from unnest(%(parties)s::text[]) with ordinality u (party, place)) t group by t.part_no;

-- name: run_by_key
select id from payout_run where ledger_id = %(ledger)s and key = %(key)s;

-- name: runs
select r.id, r.key, r.day, r.made_by, r.made_at, count(*) filter (where p.done_at is null), count(p.part_no),
       (select count(*) from payout_decision d where d.ledger_id = r.ledger_id and d.run_id = r.id),
       (select count(*) from payout o where o.ledger_id = r.ledger_id and o.run_id = r.id)
  from payout_run r left join payout_part p on p.ledger_id = r.ledger_id and p.run_id = r.id
 where r.ledger_id = %(ledger)s and (%(run)s::bigint is null or r.id = %(run)s)
 group by r.ledger_id, r.id order by r.id desc limit %(limit)s;

-- name: day_before
-- The day of the last scheduled run before this one; sellers due since then are due in it.
select max(o.day) from payout_run r join payout_run o on o.ledger_id = r.ledger_id and o.day < r.day
   and o.key like 'scheduled:%%' where r.ledger_id = %(ledger)s and r.id = %(run)s;

-- name: unfinished_runs
select distinct run_id from payout_part where ledger_id = %(ledger)s and done_at is null order by 1;

-- name: look_part
select part_no, parties from payout_part
 where ledger_id = %(ledger)s and run_id = %(run)s and done_at is null order by part_no limit %(limit)s;

-- name: take_part
select p.part_no, p.parties, r.day, r.key, r.made_by
  from payout_part p join payout_run r on r.ledger_id = p.ledger_id and r.id = p.run_id
 where p.ledger_id = %(ledger)s and p.run_id = %(run)s and p.done_at is null
 order by p.part_no limit 1 for update of p skip locked;

-- name: end_part
update payout_part set done_at = clock_timestamp()
 where ledger_id = %(ledger)s and run_id = %(run)s and part_no = %(part)s;

-- name: reserve
select nextval(pg_get_serial_sequence('payout', 'id')) from generate_series(1, %(n)s);

-- name: insert_payouts
-- The payouts and their lines, taken out of what is open, in one statement.
with made as (
  select * from unnest(%(ids)s::bigint[], %(parties)s::text[], %(currencies)s::text[], %(amounts)s::bigint[],
                       %(rails)s::text[], %(accounts)s::text[], %(days)s::date[], %(names)s::text[],
                       %(remittances)s::text[], %(approvals)s::int[])
    as m (id, party, currency, amount, rail, account, day, name, remittance, approvals)),
taken as (
  delete from payable_line o using made m
   where o.ledger_id = %(ledger)s and o.party = m.party and o.currency = m.currency
  returning m.id, o.entry_id, o.line_no, o.amount_minor),
lines as (
  insert into payout_line (ledger_id, payout_id, entry_id, line_no, amount_minor)
  select %(ledger)s, t.id, t.entry_id, t.line_no, t.amount_minor from taken t
  union all
  select %(ledger)s, c.id, c.entry_id, 1, c.amount
    from unnest(%(carry_ids)s::bigint[], %(carry_entries)s::bigint[], %(carry_amounts)s::bigint[])
      as c (id, entry_id, amount)
   order by 2, 3, 4)
insert into payout (ledger_id, id, run_id, party, currency, amount_minor, rail, account, execute_on, end_to_end,
                    remittance, reason, approvals_needed, made_by)
overriding system value
select %(ledger)s, m.id, %(run)s, m.party, m.currency, m.amount, m.rail, m.account::jsonb, m.day, m.name, m.remittance,
       %(reason)s, m.approvals, %(by)s
  from made m order by m.id;

-- name: insert_decisions
insert into payout_decision (ledger_id, run_id, party, currency, verdict, owed_minor, amount_minor, carried_minor, why,
                             payout_id)
select %(ledger)s, %(run)s, d.*
  from unnest(%(parties)s::text[], %(currencies)s::text[], %(verdicts)s::text[], %(owed)s::bigint[],
              %(amounts)s::bigint[], %(carried)s::bigint[], %(whys)s::text[], %(payouts)s::bigint[]) d;

-- name: decisions
select party, currency, verdict, owed_minor, amount_minor, carried_minor, why, payout_id from payout_decision
 where ledger_id = %(ledger)s and run_id = %(run)s and (%(verdict)s::text is null or verdict = %(verdict)s)
 order by party, currency limit %(limit)s;

-- name: insert_history
insert into payout_history (ledger_id, payout_id, seq, from_state, to_state, reason, detail, actor, entry_id, attempt_no)
select %(ledger)s, s.*
  from unnest(%(payouts)s::bigint[], %(seqs)s::int[], %(froms)s::text[], %(tos)s::text[], %(reasons)s::text[],
              %(details)s::text[], %(actors)s::text[], %(entries)s::bigint[], %(attempts)s::int[]) s;

-- name: history
select payout_id, seq, from_state, to_state, reason, detail, actor, at, entry_id, attempt_no from payout_history
 where ledger_id = %(ledger)s and payout_id = any(%(payouts)s) order by payout_id, seq;

-- name: payouts
select id, run_id, party, currency, amount_minor, rail, account::text, execute_on, end_to_end, remittance, reason,
       approvals_needed, made_by, made_at, state, steps, changed_at from payout
 where ledger_id = %(ledger)s and (%(ids)s::bigint[] is null or id = any(%(ids)s))
   and (%(states)s::text[] is null or state = any(%(states)s))
   and (%(party)s::text is null or party = %(party)s) and (%(run)s::bigint is null or run_id = %(run)s)
   and (%(before)s::bigint is null or id < %(before)s)
 order by id desc limit %(limit)s;

-- name: take_payouts
select id from payout where ledger_id = %(ledger)s and id = any(%(ids)s) order by id for update;

-- name: take_queued
select id from payout where ledger_id = %(ledger)s and state = 'queued' and rail = %(rail)s and currency = %(currency)s
   and execute_on <= %(day)s order by id limit %(limit)s for update skip locked;

-- name: queued_rails
select distinct rail, currency from payout where ledger_id = %(ledger)s and state = 'queued' and execute_on <= %(day)s
 order by 1, 2;

-- name: by_end_to_end
select id from payout where ledger_id = %(ledger)s and end_to_end = any(%(names)s) order by id;

-- name: lines
select l.entry_id, l.line_no, l.amount_minor, e.memo, e.rule_id, e.effective_date, n.item
  from payout_line l join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
  join line n on n.ledger_id = l.ledger_id and n.entry_id = l.entry_id and n.line_no = l.line_no
 where l.ledger_id = %(ledger)s and l.payout_id = %(payout)s
 order by e.effective_date, l.entry_id, l.line_no limit %(limit)s;

-- name: insert_approval
insert into payout_approval (ledger_id, payout_id, person, note)
values (%(ledger)s, %(payout)s, %(person)s, %(note)s) on conflict do nothing returning payout_id;

-- name: approvals
select payout_id, person, note, at from payout_approval
 where ledger_id = %(ledger)s and payout_id = any(%(payouts)s) order by at, person;

-- name: insert_attempts
insert into payout_attempt (ledger_id, payout_id, attempt_no, rail, idempotency_key, file_id)
select %(ledger)s, a.payout_id, a.attempt_no, %(rail)s, a.key, %(file)s
  from unnest(%(payouts)s::bigint[], %(numbers)s::int[], %(keys)s::text[]) a (payout_id, attempt_no, key);

-- name: attempt_counts
select payout_id, max(attempt_no) from payout_attempt
 where ledger_id = %(ledger)s and payout_id = any(%(payouts)s) group by payout_id;

-- name: attempts
select a.payout_id, a.attempt_no, a.rail, a.idempotency_key, a.file_id, a.begun_at, w.outcome, w.provider_ref, w.code,
       w.detail, w.at
  from payout_attempt a left join lateral (
       select * from payout_answer w where w.ledger_id = a.ledger_id and w.payout_id = a.payout_id
          and w.attempt_no = a.attempt_no order by w.seq desc limit 1) w on true
 where a.ledger_id = %(ledger)s and a.payout_id = any(%(payouts)s) order by a.payout_id, a.attempt_no;

-- name: insert_answer
insert into payout_answer (ledger_id, payout_id, attempt_no, seq, outcome, provider_ref, code, detail)
select %(ledger)s, %(payout)s, %(attempt)s, coalesce(max(w.seq), 0) + 1, %(outcome)s, %(reference)s, %(code)s, %(detail)s
  from payout_answer w where w.ledger_id = %(ledger)s and w.payout_id = %(payout)s and w.attempt_no = %(attempt)s;

-- name: under_way
-- Payouts with a provider whose end is not known.
select id from payout where ledger_id = %(ledger)s and state in ('submitted', 'in_transit') and rail = any(%(rails)s)
   and (%(ids)s::bigint[] is null or id = any(%(ids)s)) order by id limit %(limit)s;

-- name: take_one
select id from payout where ledger_id = %(ledger)s and id = %(payout)s for update skip locked;

-- name: insert_file
insert into payment_file (ledger_id, name, rail, format, message_id, currency, payouts, total_minor, sha256, content,
                          made_by)
values (%(ledger)s, %(name)s, %(rail)s, %(format)s, %(message)s, %(currency)s, %(payouts)s, %(total)s, %(sha256)s,
        %(content)s, %(by)s) returning id;

-- name: files
select f.id, f.name, f.rail, f.format, f.message_id, f.currency, f.payouts, f.total_minor, encode(f.sha256, 'hex'),
       f.made_by, f.made_at,
       (select count(*) from payment_file_export x where x.ledger_id = f.ledger_id and x.file_id = f.id)::int
  from payment_file f where f.ledger_id = %(ledger)s and (%(file)s::bigint is null or f.id = %(file)s)
 order by f.id desc limit %(limit)s;

-- name: file_content
select content from payment_file where ledger_id = %(ledger)s and id = %(file)s;

-- name: insert_export
insert into payment_file_export (ledger_id, file_id, seq, person)
select %(ledger)s, %(file)s, coalesce(max(x.seq), 0) + 1, %(person)s from payment_file_export x
 where x.ledger_id = %(ledger)s and x.file_id = %(file)s returning seq;

-- name: first_export
select person, at from payment_file_export where ledger_id = %(ledger)s and file_id = %(file)s order by seq limit 1;

-- name: file_payouts
select a.payout_id from payout_attempt a where a.ledger_id = %(ledger)s and a.file_id = %(file)s order by 1;

-- name: file_by_message
select id from payment_file where ledger_id = %(ledger)s and message_id = %(message)s;

-- name: bank_news
-- Lines of bank statements nobody has tied yet that name payouts, or a file of them: what the line is, and which.
with waiting as (
  select e.id as event_id, e.kind, l.currency, l.item, l.entry_id, -l.amount_minor as amount_minor, n.effective_date
    from line l
    join entry n on n.ledger_id = l.ledger_id and n.id = l.entry_id
    join event e on e.ledger_id = n.ledger_id and e.id = n.event_id and e.kind in ('bank_debited', 'bank_credited')
   where l.ledger_id = %(ledger)s and l.account_id = %(suspense)s and l.item like 'bank_line:%%'
     and not exists (select from entry d where d.ledger_id = l.ledger_id
                        and d.idem_key = 'settlement/bank/' || l.item)),
named as (
  select w.event_id, upper(split_part(r.reference, ':', 2)) as name
    from waiting w join event_reference r on r.ledger_id = %(ledger)s and r.event_id = w.event_id
   where r.reference like 'end_to_end:%%' or r.reference like 'remittance:%%'),
meant as (
  select n.event_id, p.id, true as itself from named n
    join payout p on p.ledger_id = %(ledger)s and p.end_to_end = n.name
  union
  select n.event_id, a.payout_id, false from named n
    join payment_file f on f.ledger_id = %(ledger)s and f.message_id = n.name
    join payout_attempt a on a.ledger_id = f.ledger_id and a.file_id = f.id)
select w.event_id, w.kind, w.currency, w.item, w.entry_id, w.amount_minor, w.effective_date, m.itself,
       array_agg(p.id order by p.id)
  from waiting w join meant m on m.event_id = w.event_id
  join payout p on p.ledger_id = %(ledger)s and p.id = m.id and p.currency = w.currency
   and case w.kind when 'bank_credited' then p.state in ('in_transit', 'paid')
            else p.state in ('submitted', 'in_transit', 'paid') and not exists (
                 select from payout_answer b where b.ledger_id = p.ledger_id and b.payout_id = p.id
                    and b.outcome = 'paid' and b.code = 'bank') end
 group by 1, 2, 3, 4, 5, 6, 7, 8 order by w.event_id, m.itself desc;

-- name: worth
-- What payouts are worth in base currency: what their lines stand in the books for.
select p.payout_id, -sum(l.base_minor)::bigint
  from payout_line p join line l on l.ledger_id = p.ledger_id and l.entry_id = p.entry_id and l.line_no = p.line_no
 where p.ledger_id = %(ledger)s and p.payout_id = any(%(payouts)s) group by p.payout_id;
