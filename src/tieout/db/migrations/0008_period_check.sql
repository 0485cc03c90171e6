-- Whether a line holds is one question, whether its day is open another: each has a check of its own, so that a change
-- to how periods close does not touch what makes an entry sound. 0009 takes this question out of check_lines.
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
