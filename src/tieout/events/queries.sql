-- name: insert_events
insert into event (ledger_id, key, kind, source_id, aggregate, occurred_at, content, content_hash, delivery_id, version)
select %(ledger)s, * from unnest(%(keys)s::text[], %(kinds)s::text[], %(sources)s::int[], %(aggregates)s::text[],
  %(times)s::timestamptz[], %(contents)s::jsonb[], %(hashes)s::bytea[], %(deliveries)s::bigint[],
  %(versions)s::int[])
on conflict (ledger_id, key, version) do nothing
returning id;

-- name: events_by_key
-- The newest version of each, and whether it is held for what the source's own figures say.
select distinct on (e.key) e.key, e.id, e.content_hash, e.version,
       e.content ? 'objection' and coalesce(s.state, 'held') = 'held'
  from event e left join event_state s on s.ledger_id = e.ledger_id and s.event_id = e.id
 where e.ledger_id = %(ledger)s and e.key = any(%(keys)s) order by e.key, e.version desc;

-- name: newest
select id, version from event where ledger_id = %(ledger)s and key = %(key)s order by version desc limit 1;

-- name: insert_references
insert into event_reference (ledger_id, reference, event_id)
select %(ledger)s, * from unnest(%(references)s::text[], %(events)s::bigint[])
on conflict do nothing;

-- name: insert_tellings
insert into event_telling (ledger_id, event_id, delivery_id, outcome)
select %(ledger)s, * from unnest(%(events)s::bigint[], %(deliveries)s::bigint[], %(outcomes)s::text[])
on conflict do nothing;

-- name: insert_notes
insert into delivery_note (ledger_id, delivery_id, note_no, why)
select %(ledger)s, * from unnest(%(deliveries)s::bigint[], %(numbers)s::int[], %(whys)s::text[])
on conflict do nothing;

-- name: set_states
insert into event_state (ledger_id, event_id, state, waits_for, deadline)
select %(ledger)s, e, s, coalesce(string_to_array(nullif(w, ''), chr(31)), '{}'), d
  from unnest(%(events)s::bigint[], %(states)s::text[], %(waits)s::text[], %(deadlines)s::timestamptz[]) as t(e, s, w, d)
on conflict (ledger_id, event_id) do update
  set state = excluded.state, waits_for = excluded.waits_for, changed_at = now(),
      deadline = coalesce(event_state.deadline, excluded.deadline);

-- name: settled_keys
-- Which of these keys are met: events that are posted or memo.
select e.key from event e join event_state s on s.ledger_id = e.ledger_id and s.event_id = e.id
 where e.ledger_id = %(ledger)s and e.key = any(%(keys)s) and s.state in ('posted', 'memo');

-- name: events_by_id
select e.id, src.name, e.content::text, e.content_hash, e.delivery_id, e.recorded_at
  from event e join source src on src.ledger_id = e.ledger_id and src.id = e.source_id
 where e.ledger_id = %(ledger)s and e.id = any(%(ids)s) order by e.id;

-- name: parked_waiting_for
select event_id from event_state
 where ledger_id = %(ledger)s and state = 'parked' and waits_for && %(keys)s::text[]
 order by event_id for update skip locked;

-- name: parked_and_ready
-- Parked events all of whose prerequisites are met by now; found by the sweep, whoever missed them.
select s.event_id from event_state s
 where s.ledger_id = %(ledger)s and s.state = 'parked'
   and not exists (
     select 1 from unnest(s.waits_for) w
      where not exists (select 1 from event e join event_state m on m.ledger_id = e.ledger_id and m.event_id = e.id
                         where e.ledger_id = s.ledger_id and e.key = w and m.state in ('posted', 'memo')))
 order by s.event_id limit %(limit)s for update skip locked;

-- name: parked_past_deadline
select s.event_id, e.key, e.kind, e.aggregate, s.waits_for, s.deadline, e.content::text
  from event_state s join event e on e.ledger_id = s.ledger_id and e.id = s.event_id
 where s.ledger_id = %(ledger)s and s.state = 'parked' and s.deadline <= %(now)s
 order by s.event_id;

-- name: count_parked
select count(*) from event_state where ledger_id = %(ledger)s and state = 'parked';

-- name: count_events
select count(*) from event where ledger_id = %(ledger)s;

-- name: event_page
select e.id, src.name, e.content::text, e.content_hash, e.delivery_id, e.recorded_at, coalesce(s.state, 'new'),
       coalesce(s.waits_for, '{}'), s.deadline
  from event e join source src on src.ledger_id = e.ledger_id and src.id = e.source_id
  left join event_state s on s.ledger_id = e.ledger_id and s.event_id = e.id
 where e.ledger_id = %(ledger)s and (%(before)s::bigint is null or e.id < %(before)s)
   and (%(state)s::text is null or s.state = %(state)s)
 order by e.id desc limit %(limit)s;

-- name: events_of_references
select distinct event_id from event_reference
 where ledger_id = %(ledger)s and reference = any(%(references)s) order by event_id limit %(limit)s;

-- name: tellings_of_events
select event_id, delivery_id, outcome from event_telling
 where ledger_id = %(ledger)s and event_id = any(%(ids)s) order by delivery_id;

-- name: tellings_of_deliveries
select event_id, delivery_id, outcome from event_telling
 where ledger_id = %(ledger)s and delivery_id = any(%(ids)s) order by event_id;

-- name: notes_of_delivery
select why from delivery_note where ledger_id = %(ledger)s and delivery_id = %(id)s order by note_no;

-- name: parked_for_rates
select event_id from event_state s
 where ledger_id = %(ledger)s and state = 'parked' and exists (select 1 from unnest(waits_for) w where w like 'rate:%%')
 order by event_id for update skip locked;

-- name: rates_waited_for
select distinct w from event_state s, unnest(s.waits_for) w
 where s.ledger_id = %(ledger)s and s.state = 'parked' and w like 'rate:%%' order by w;

-- name: states_of
select event_id, state, waits_for, deadline from event_state where ledger_id = %(ledger)s and event_id = any(%(ids)s);
