-- name: insert_ownership
insert into ownership (ledger_id, listing, version, valid_from, valid_until, shares, fees_borne_by, changed_by, reason)
values (%(ledger)s, %(listing)s, %(version)s, %(valid_from)s, %(valid_until)s, %(shares)s, %(fees_borne_by)s,
        %(changed_by)s, %(reason)s)
on conflict (ledger_id, listing, version) do nothing returning version;

-- name: ownership_of
select o.listing, o.shares::text, o.valid_from, o.version, o.valid_until, o.fees_borne_by, o.changed_by, o.reason
  from ownership o where o.ledger_id = %(ledger)s and o.listing = any(%(listings)s) order by o.listing, o.version;

-- name: insert_fee_rules
insert into fee_rules (ledger_id, version, rules, published_by, reason)
select %(ledger)s, coalesce(max(f.version), 0) + 1, %(rules)s, %(by)s, %(reason)s
  from fee_rules f where f.ledger_id = %(ledger)s
on conflict (ledger_id, version) do nothing returning version;

-- name: fee_rules
select f.version, f.rules::text, f.published_by, f.reason, f.published_at
  from fee_rules f where f.ledger_id = %(ledger)s order by f.version desc limit 1;
