-- name: publish
insert into matching_rules (ledger_id, version, from_day, text, hash, published_by, reason)
select %(ledger)s, coalesce(max(version), 0) + 1, %(from_day)s, %(text)s, %(hash)s, %(actor)s, %(reason)s
  from matching_rules where ledger_id = %(ledger)s
returning version;

-- name: take_rules
-- One publisher at a time: two would give one number to two texts, and one of them would fail.
select pg_advisory_xact_lock(hashtextextended('matching rules', %(ledger)s));

-- name: approve
insert into matching_approval (ledger_id, version, approved_by, reason)
values (%(ledger)s, %(version)s, %(actor)s, %(reason)s);

-- name: published
select r.version, r.from_day, r.text, r.hash, r.published_by, r.published_at, r.reason,
       a.approved_by, a.approved_at, a.reason
  from matching_rules r
  left join matching_approval a on a.ledger_id = r.ledger_id and a.version = r.version
 where r.ledger_id = %(ledger)s and (%(version)s::int is null or r.version = %(version)s) order by r.version;

-- name: in_force
-- The newest of the approved versions whose day has come.
select r.version, r.text from matching_rules r
  join matching_approval a on a.ledger_id = r.ledger_id and a.version = r.version
 where r.ledger_id = %(ledger)s and r.from_day <= %(day)s
 order by r.from_day desc, r.version desc limit 1;
