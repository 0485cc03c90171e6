-- Whether a line holds is one question, whether its day is open another: each has a check of its own, so that a change
-- to how periods close does not touch what makes an entry sound.
create or replace function check_lines() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare
  bad record;
begin
  select l.entry_id, l.currency, sum(l.amount_minor) as off into bad
    from new_line l group by l.ledger_id, l.entry_id, l.currency, l.layer
  having sum(l.amount_minor) <> 0 or sum(l.amount_minor) filter (where l.amount_minor > 0) > 9223372036854775807 limit 1;
  if found then
    raise exception 'entry % is out of balance by % % minor units, or beyond 64 bits', bad.entry_id, bad.off, bad.currency
      using errcode = 'check_violation', constraint = 'entry_balances';
  end if;
  select l.entry_id, sum(l.base_minor) as off into bad
    from new_line l group by l.ledger_id, l.entry_id, l.layer
  having sum(l.base_minor) <> 0 or sum(l.base_minor) filter (where l.base_minor > 0) > 9223372036854775807 limit 1;
  if found then
    raise exception 'entry % is out of balance by % minor units of base currency, or beyond 64 bits', bad.entry_id, bad.off
      using errcode = 'check_violation', constraint = 'entry_balances_in_base';
  end if;
  select l.entry_id, l.amount_minor, l.base_minor, l.currency into bad
    from new_line l join ledger g on g.id = l.ledger_id
   where l.currency = g.base_currency and l.base_minor <> l.amount_minor limit 1;
  if found then
    raise exception 'entry %: % minor units of % cannot be worth % of the same currency',
      bad.entry_id, bad.amount_minor, bad.currency, bad.base_minor
      using errcode = 'check_violation', constraint = 'base_is_amount';
  end if;
  -- All lines of an entry are numbered 1 to line_count and come at once; one more would have the number of another.
  select l.entry_id, e.line_count, count(*) as n into bad
    from new_line l left join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
   group by l.ledger_id, l.entry_id, e.line_count
  having count(*) is distinct from e.line_count or max(l.line_no) > e.line_count limit 1;
  if found then
    raise exception 'entry % gets % lines and says it has %', bad.entry_id, bad.n, coalesce(bad.line_count::text, 'no header')
      using errcode = 'check_violation', constraint = 'entry_is_complete';
  end if;
  select l.entry_id, l.account_id, l.currency into bad
    from new_line l left join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
   where a.id is null or (a.currency is not null and a.currency <> l.currency)
      or l.effective_date < a.opened_on or l.effective_date >= a.closed_on limit 1;
  if found then
    raise exception 'entry %: account % is unknown, closed, or does not take %', bad.entry_id, bad.account_id, bad.currency
      using errcode = 'check_violation', constraint = 'account_takes_line';
  end if;
  select l.entry_id, l.effective_date into bad
    from (select distinct ledger_id, entry_id, effective_date from new_line) l
    join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
   where l.effective_date <> e.effective_date limit 1;
  if found then
    raise exception 'entry %: a line says %, which is not the header''s date', bad.entry_id, bad.effective_date
      using errcode = 'check_violation', constraint = 'line_has_its_entrys_date';
  end if;
  return null;
end $$;


create function check_periods() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare
  bad record;
begin
  perform share_books(t.ledger_id) from (select distinct l.ledger_id from new_line l) t;
  select l.entry_id, l.effective_date into bad
    from new_line l
    join period p on p.ledger_id = l.ledger_id and p.area = 0 and p.state <> 'open'
                 and l.effective_date between p.first_day and p.last_day limit 1;
  if found then
    raise exception 'entry %: % lies in a closed period', bad.entry_id, bad.effective_date
      using errcode = 'check_violation', constraint = 'period_is_open';
  end if;
  return null;
end $$;
create trigger periods_hold after insert on line referencing new table as new_line
  for each statement execute function check_periods();
