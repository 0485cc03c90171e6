-- name: insert_ledger
insert into ledger (code, name, base_currency, timezone, chart)
values (%(code)s, %(name)s, %(base)s, %(timezone)s, %(chart)s)
on conflict (code) do nothing returning id;

-- name: ledgers
select id, code, name, base_currency, timezone, chart, rate_source, rate_pivot, rate_missing, rate_age_days
  from ledger order by id;

-- name: set_rate_policy
update ledger set rate_source = %(source)s, rate_pivot = %(pivot)s, rate_missing = %(missing)s, rate_age_days = %(age)s
 where id = %(ledger)s;

-- name: insert_source
insert into source (ledger_id, name, connector, kind, secrets, settings)
values (%(ledger)s, %(name)s, %(connector)s, %(kind)s, %(secrets)s, %(settings)s)
on conflict (ledger_id, name) do nothing returning id;

-- name: sources
select s.id, s.name, s.connector, s.kind, s.secrets, s.settings::text, s.opened_at
  from source s where s.ledger_id = %(ledger)s order by s.id;

-- name: set_secrets
update source set secrets = %(secrets)s where ledger_id = %(ledger)s and name = %(name)s;

-- name: hold_ledger
select id from ledger where id = %(ledger)s for no key update;

-- name: insert_account
insert into account (ledger_id, id, code, name, type, role, clearing, currencies, source, parent, area, needs, takes,
                     opened_on)
select %(ledger)s, coalesce(max(id), 0) + 1, %(code)s, %(name)s, %(type)s, %(role)s, %(clearing)s, %(currencies)s,
       %(source)s, %(parent)s, %(area)s, %(needs)s, %(takes)s, coalesce(%(opened_on)s::date, date '1900-01-01')
  from account where ledger_id = %(ledger)s
on conflict (ledger_id, code) do nothing;

-- name: insert_class
insert into account_class (ledger_id, code, name, type, parent)
values (%(ledger)s, %(code)s, %(name)s, %(type)s, %(parent)s) on conflict do nothing;

-- name: classes
select code, name, type, parent from account_class where ledger_id = %(ledger)s order by code;

-- name: close_account
update account set closed_on = %(day)s where ledger_id = %(ledger)s and id = %(account)s;

-- name: accounts
select id, code, name, type, role, clearing, coalesce(currencies, '{}'), source, parent, area, opened_on, closed_on,
       needs, takes, guard, guard_per_party
  from account where ledger_id = %(ledger)s order by code;

-- name: insert_rates
insert into fx_rate (base, quote, day, rate, source)
select * from unnest(%(bases)s::text[], %(quotes)s::text[], %(days)s::date[], %(rates)s::numeric[], %(sources)s::text[])
on conflict do nothing;

-- name: rates
-- The newest rate on or before each asked day, not older than the limit. A day is not answered before its own rate can
-- be known, or the answer would depend on when it was asked: either the rate is of the day itself (of Friday, on a
-- weekend), or there is a later one, so that the day will never have its own. Unless the last one known will do.
select w.quote, w.day, r.rate, r.day, r.source
  from unnest(%(quotes)s::text[], %(days)s::date[]) as w(quote, day)
  cross join lateral (
    select f.rate, f.day, f.source from fx_rate f
     where f.base = %(base)s and f.quote = w.quote and f.source = %(source)s
       and f.day <= w.day and f.day >= w.day - %(age)s::int
       and (%(last_known)s or f.day >= w.day - greatest(extract(isodow from w.day)::int - 5, 0)
            or exists (select from fx_rate n where n.base = f.base and n.quote = f.quote and n.source = f.source
                       and n.day > w.day))
     order by f.day desc limit 1) r;

-- name: rate_page
select base, quote, day, rate, source from fx_rate
 where source = %(source)s and (%(quote)s::text is null or quote = %(quote)s)
   and (%(since)s::date is null or day >= %(since)s) and (%(until)s::date is null or day <= %(until)s)
 order by day desc, quote limit %(limit)s;

-- name: rates_since
select exists (select from fx_rate where source = %(source)s and recorded_at >= %(since)s);
