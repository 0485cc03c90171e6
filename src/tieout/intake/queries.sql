-- name: insert_delivery
insert into delivery (ledger_id, source_id, channel, topic, identity, headers, parameters, body, body_sha256, verdict,
                      verdict_reason, received_at)
values (%(ledger)s, %(source)s, %(channel)s, %(topic)s, %(identity)s, %(headers)s, %(parameters)s, %(body)s,
        %(hash)s, %(verdict)s, %(reason)s, %(at)s)
returning id;

-- name: make_month
select delivery_month(%(at)s);

-- name: known_delivery
select delivery_id, body_sha256 from delivery_key
 where ledger_id = %(ledger)s and source_id = %(source)s and identity = %(identity)s;

-- name: claim_identity
insert into delivery_key (ledger_id, source_id, identity, delivery_id, body_sha256)
values (%(ledger)s, %(source)s, %(identity)s, %(delivery)s, %(hash)s)
on conflict do nothing returning delivery_id;

-- name: insert_work
insert into work_item (ledger_id, flow, delivery_id, lane, rank_at)
values (%(ledger)s, 'understand', %(delivery)s, %(lane)s, %(at)s::timestamptz + %(lane)s * interval '15 minutes');

-- name: wake
select pg_notify('tieout_work', '');

-- name: claim_work
select w.ledger_id, w.id, w.delivery_id, w.attempts from work_item w
 where w.state = 'ready' and w.next_at <= %(now)s and (%(only)s::bigint is null or w.delivery_id = %(only)s)
 order by w.rank_at, w.id limit %(limit)s for update skip locked;

-- name: finish_work
update work_item set state = 'done', last_error = null where ledger_id = %(ledger)s and id = any(%(ids)s) and state = 'ready';

-- name: retry_work
update work_item set attempts = attempts + 1, next_at = %(next)s, last_error = %(error)s,
       state = case when %(quarantine)s then 'quarantined' else state end
 where ledger_id = %(ledger)s and id = %(id)s and state = 'ready';

-- name: requeue_work
update work_item set state = 'ready', attempts = 0, next_at = now() where ledger_id = %(ledger)s and delivery_id = %(delivery)s;

-- name: work_state
select state, attempts from work_item where ledger_id = %(ledger)s and delivery_id = %(delivery)s;

-- name: deliveries_by_id
select d.id, s.name, d.channel, d.topic, d.identity, d.headers, d.parameters, d.body, d.body_sha256, d.verdict,
       d.verdict_reason, d.received_at
  from delivery d join source s on s.ledger_id = d.ledger_id and s.id = d.source_id
 where d.ledger_id = %(ledger)s and d.id = any(%(ids)s) order by d.id;

-- name: delivery_page
select d.id, s.name, d.channel, d.topic, d.identity, d.headers, d.parameters, ''::bytea, d.body_sha256, d.verdict,
       d.verdict_reason, d.received_at, length(d.body), coalesce(w.state, '')
  from delivery d join source s on s.ledger_id = d.ledger_id and s.id = d.source_id
  left join work_item w on w.ledger_id = d.ledger_id and w.delivery_id = d.id
 where d.ledger_id = %(ledger)s and (%(before)s::bigint is null or d.id < %(before)s)
   and (%(source)s::text is null or s.name = %(source)s) and (%(verdict)s::text is null or d.verdict = %(verdict)s)
 order by d.id desc limit %(limit)s;

-- name: first_deliveries
select d.id, k.delivery_id
  from delivery d join delivery_key k
    on k.ledger_id = d.ledger_id and k.source_id = d.source_id and k.identity = d.identity
 where d.ledger_id = %(ledger)s and d.id = any(%(ids)s) and d.verdict = 'repeated';

-- name: health
select s.id, s.name, s.connector, s.kind, s.opened_at,
       (select max(d.received_at) from delivery d where d.ledger_id = s.ledger_id and d.source_id = s.id and d.verdict <> 'rejected'),
       (select count(*) from delivery d where d.ledger_id = s.ledger_id and d.source_id = s.id),
       (select count(*) from work_item w join delivery_key k on k.ledger_id = w.ledger_id and k.delivery_id = w.delivery_id
         where w.ledger_id = s.ledger_id and k.source_id = s.id and w.state <> 'done'),
       (select count(*) from delivery d where d.ledger_id = s.ledger_id and d.source_id = s.id and d.verdict = 'rejected')
  from source s where s.ledger_id = %(ledger)s order by s.id;

-- name: count_waiting
select count(*) from work_item where ledger_id = %(ledger)s and state = 'ready';

-- name: accepted_after
select d.id from delivery d where d.ledger_id = %(ledger)s and d.verdict = 'accepted' and d.id > %(after)s
 order by d.id limit %(limit)s;
