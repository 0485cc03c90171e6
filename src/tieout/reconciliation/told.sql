-- name: ours
-- What a source's events say of what goes by a kind of reference: the id, the day, each amount, and where it stands.
select substr(r.reference, length(%(kind)s) + 2), (e.occurred_at at time zone %(zone)s)::date, e.content, s.state
  from event e
  join source o on o.ledger_id = e.ledger_id and o.id = e.source_id and o.name = %(source)s
  join event_state s on s.ledger_id = e.ledger_id and s.event_id = e.id and s.state <> 'superseded'
  join event_reference r on r.ledger_id = e.ledger_id and r.event_id = e.id and r.reference like %(kind)s || ':%%'
 where e.ledger_id = %(ledger)s and e.kind <> 'payout_composed'
   and (e.occurred_at at time zone %(zone)s)::date between %(first)s and %(last)s;

-- name: kind
-- Under which kind of reference a source's events know these ids.
select split_part(r.reference, ':', 1), count(distinct r.reference)
  from unnest(%(ids)s::text[]) i
  join event_reference r on r.ledger_id = %(ledger)s and r.reference in ('txn:' || i, 'charge:' || i, 'refund:' || i,
    'order:' || i, 'payout:' || i, 'dispute:' || i, 'payment_intent:' || i)
 group by 1 order by 2 desc, 1 limit 1;
