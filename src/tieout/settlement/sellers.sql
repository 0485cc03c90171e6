-- name: any_sellers
select exists (select from seller_version where ledger_id = %(ledger)s);

-- name: insert_version
insert into seller_version (ledger_id, party, version, valid_from, profile, changed_by, reason)
values (%(ledger)s, %(party)s, %(version)s, %(at)s, %(profile)s, %(by)s, %(reason)s)
on conflict (ledger_id, party, version) do nothing returning version;

-- name: versions
select s.profile::text, s.version, s.valid_from, s.changed_by, s.reason, s.recorded_at
  from seller_version s where s.ledger_id = %(ledger)s and s.party = %(party)s order by s.version;

-- name: sellers
select s.profile::text, case when a.payable then a.account::text end, s.version, s.valid_from, s.changed_by, s.reason,
       s.recorded_at
  from seller_now s left join seller_account_now a on a.ledger_id = s.ledger_id and a.party = s.party
 where s.ledger_id = %(ledger)s and s.party > %(after)s
   and (%(parties)s::text[] is null or s.party = any(%(parties)s))
 order by s.party limit %(limit)s;

-- name: insert_account
with clock as materialized (select clock_timestamp() as at)
insert into seller_account (ledger_id, party, version, account, changed_by, changed_at, payable_from, reason)
select %(ledger)s, %(party)s, coalesce(max(a.version), 0) + 1, %(account)s, %(by)s, clock.at,
       case when max(a.version) is null then clock.at else greatest(%(from)s, clock.at) end, %(reason)s
  from clock left join seller_account a on a.ledger_id = %(ledger)s and a.party = %(party)s group by clock.at
returning version;

-- name: accounts
select a.party, a.version, a.account::text, a.changed_by, a.reason, a.changed_at, a.payable_from, v.approved,
       v.decided_by, v.decided_at
  from seller_account a left join seller_account_verdict v using (ledger_id, party, version)
 where a.ledger_id = %(ledger)s and a.party = %(party)s order by a.version;

-- name: insert_account_verdict
insert into seller_account_verdict (ledger_id, party, version, approved, decided_by, reason)
values (%(ledger)s, %(party)s, %(version)s, %(approved)s, %(by)s, %(reason)s)
on conflict do nothing returning version;

-- name: insert_hold
insert into seller_hold (ledger_id, party, reason, amount_minor, since, until, ends_when, opened_by)
values (%(ledger)s, %(party)s, %(reason)s, %(amount)s, %(since)s, %(until)s, %(ends)s, %(by)s) returning id;

-- name: insert_hold_release
insert into seller_hold_release (ledger_id, hold_id, released_on, released_by, reason)
select h.ledger_id, h.id, %(on)s, %(by)s, %(reason)s
  from seller_hold h where h.ledger_id = %(ledger)s and h.id = %(hold)s
on conflict do nothing returning hold_id;

-- name: holds
select h.id, h.party, h.reason, h.amount_minor, h.since, h.until, h.ends_when, h.opened_by, r.released_on
  from seller_hold h left join seller_hold_release r on r.ledger_id = h.ledger_id and r.hold_id = h.id
 where h.ledger_id = %(ledger)s and (%(party)s::text is null or h.party = %(party)s) order by h.id;

-- name: insert_policy
insert into settlement_policy (ledger_id, version, policy, published_by, reason)
select %(ledger)s, coalesce(max(p.version), 0) + 1, %(policy)s, %(by)s, %(reason)s
  from settlement_policy p where p.ledger_id = %(ledger)s
returning version;

-- name: policy
select p.version, p.policy::text, p.published_by, p.reason, p.published_at
  from settlement_policy p where p.ledger_id = %(ledger)s order by p.version desc limit 1;
