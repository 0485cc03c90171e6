-- name: raise_cases
insert into exception_case (ledger_id, reason, subject, sentence, amount_minor, currency, aggregate, links, stage, state)
select %(ledger)s, r, s, t, a, c, g, coalesce(string_to_array(nullif(l, ''), ' '), '{}'), %(stage)s, 'open'
  from unnest(%(reasons)s::text[], %(subjects)s::text[], %(sentences)s::text[], %(amounts)s::bigint[],
              %(currencies)s::text[], %(aggregates)s::text[], %(links)s::text[]) as x(r, s, t, a, c, g, l)
on conflict (ledger_id, reason, subject) do update
  set sentence = excluded.sentence, amount_minor = excluded.amount_minor, currency = excluded.currency,
      links = coalesce((select array_agg(distinct v) from unnest(exception_case.links || excluded.links) v), '{}'),
      state = case when exception_case.state = 'resolved' then 'reopened' else exception_case.state end,
      changed_at = case when exception_case.state = 'resolved' then now() else exception_case.changed_at end
returning id, reason, subject, (xmax = 0) as fresh, state, changed_at = now() as changed;

-- name: dismissed
-- Cases a person closed without a posting: the same fact does not bring them back, a changed amount does.
select reason, subject, amount_minor, id from exception_case c
 where ledger_id = %(ledger)s and state = 'resolved' and subject = any(%(subjects)s)
   and exists (select 1 from case_history h where h.ledger_id = c.ledger_id and h.case_id = c.id
                and h.seq = (select max(seq) from case_history m where m.ledger_id = c.ledger_id and m.case_id = c.id)
                and h.what = 'dismiss');

-- name: clear_cases
-- Cases of this stage that the newest run did not raise again: what they were about has been settled.
update exception_case set state = 'resolved', changed_at = now()
 where ledger_id = %(ledger)s and stage = %(stage)s and state <> 'resolved' and not id = any(%(kept)s)
returning id;

-- name: settle_subjects
update exception_case set state = 'resolved', changed_at = now()
 where ledger_id = %(ledger)s and state <> 'resolved' and reason = any(%(reasons)s) and subject = any(%(subjects)s)
returning id;

-- name: settle_links
update exception_case set state = 'resolved', changed_at = now()
 where ledger_id = %(ledger)s and state <> 'resolved' and reason = any(%(reasons)s) and links && %(links)s::text[]
returning id;

-- name: add_history
insert into case_history (ledger_id, case_id, seq, what, detail, actor)
select %(ledger)s, c, coalesce((select max(seq) from case_history h where h.ledger_id = %(ledger)s and h.case_id = c), 0) + 1,
       w, d, %(actor)s
  from unnest(%(cases)s::bigint[], %(whats)s::text[], %(details)s::text[]) as x(c, w, d);

-- name: case_by_id
select id, reason, subject, sentence, amount_minor, currency, aggregate, links, state, opened_at, changed_at
  from exception_case where ledger_id = %(ledger)s and id = any(%(ids)s);

-- name: open_about
select id, reason, subject, sentence, amount_minor, currency, aggregate, links, state, opened_at, changed_at
  from exception_case
 where ledger_id = %(ledger)s and state <> 'resolved' and reason = any(%(reasons)s) and subject = any(%(subjects)s)
 order by id;

-- name: lock_case
select state from exception_case where ledger_id = %(ledger)s and id = %(id)s for update;

-- name: resolve_case
update exception_case set state = 'resolved', changed_at = now() where ledger_id = %(ledger)s and id = %(id)s;

-- name: case_page
select id, reason, subject, sentence, amount_minor, currency, aggregate, links, state, opened_at, changed_at
  from exception_case
 where ledger_id = %(ledger)s and (%(open)s::boolean is null or (state <> 'resolved') = %(open)s)
   and (%(reason)s::text is null or reason = %(reason)s)
 order by state = 'resolved', amount_minor desc, id limit %(limit)s;

-- name: history
select seq, what, detail, actor, at from case_history where ledger_id = %(ledger)s and case_id = %(id)s order by seq;

-- name: totals
select reason, currency, count(*), sum(amount_minor)::bigint from exception_case
 where ledger_id = %(ledger)s and state <> 'resolved' group by reason, currency order by sum(amount_minor) desc, reason;

-- name: linked_to
select id from exception_case where ledger_id = %(ledger)s and links && %(links)s::text[] order by id;

-- name: standing
-- What of a period is not settled: open cases about something of its days; items that no run has named (one that is an
-- exception has a case); events that wait. Of one area, only what stands on its accounts, and events, which are booked nowhere yet.
with link as (
  select c.id as case_id, left(k, 3) as kind, substr(k, 5)::bigint as number
    from exception_case c cross join unnest(c.links) k
   where c.ledger_id = %(ledger)s and c.state <> 'resolved'),
about as (
  select case_id, (e.occurred_at at time zone %(zone)s)::date as day, null::smallint as area
    from link join event e on e.ledger_id = %(ledger)s and e.id = link.number where link.kind = 'evt'
  union all
  select case_id, i.effective_date, a.area
    from link join open_item i on i.ledger_id = %(ledger)s and i.id = link.number
    join account a on a.ledger_id = i.ledger_id and a.id = i.account_id where link.kind = 'itm'
  union all
  select case_id, l.effective_date, a.area
    from link join line l on l.ledger_id = %(ledger)s and l.entry_id = link.number
    join account a on a.ledger_id = l.ledger_id and a.id = l.account_id where link.kind = 'ent'
  union all
  select case_id, (d.received_at at time zone %(zone)s)::date, null
    from link join delivery d on d.ledger_id = %(ledger)s and d.id = link.number
   where link.kind = 'dlv' and not exists (select from link o where o.case_id = link.case_id and o.kind <> 'dlv')),
unsettled as (
  select i.id from open_item i
    join account a on a.ledger_id = i.ledger_id and a.id = i.account_id
    left join named_item n on n.ledger_id = i.ledger_id and n.item_id = i.id
   where i.ledger_id = %(ledger)s and i.effective_date between %(first)s and %(last)s
     and i.tied_minor <> i.amount_minor and n.item_id is null and (%(area)s = 0 or a.area = %(area)s))
select (select coalesce(array_agg(distinct case_id order by case_id), '{}') from about
         where day between %(first)s and %(last)s and (%(area)s = 0 or area is null or area = %(area)s)),
       (select count(*) from unsettled),
       (select count(*) from event_state s join event e on e.ledger_id = s.ledger_id and e.id = s.event_id
         where s.ledger_id = %(ledger)s and s.state = 'parked'
           and (e.occurred_at at time zone %(zone)s)::date between %(first)s and %(last)s);
