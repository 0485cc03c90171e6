-- Posting in bulk costs little more than inserting bare rows: entries come in one call, as columns; what a line's
-- account implies is not checked again row by row; each check reads what came in once and asks further only in doubt.

-- Every line stands on an account of its ledger, and an account references its ledger: so does every entry.
alter table entry drop constraint entry_ledger_id_fkey;

-- Only what reverses something is in the index of what has been reversed.
alter table entry drop constraint entry_ledger_id_reverses_id_key;
create unique index entry_ledger_id_reverses_id_key on entry (ledger_id, reverses_id) where reverses_id is not null;

-- The checks look headers and accounts up by their keys, whatever size the tables had when a session first planned
-- them: with no way open to read a whole table, one plan serves for ever. Of indexes that look equally good on a table
-- nothing is known of, the planner takes the youngest; so the primary keys become that.
alter table account drop constraint account_pkey, add primary key (ledger_id, id);
alter table entry drop constraint entry_pkey, add primary key (ledger_id, id);

create or replace function check_lines() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  doubtful boolean;
  bad record;
begin
  -- One reading by entry, one by account. In doubt (something is wrong, or unusual: several layers, amounts that might
  -- not fit 64 bits together) the questions are asked one by one, so that the answer names the entry.
  select bool_or(e.id is null or t.off or t.base <> 0 or t.n <> e.line_count or t.last_no > e.line_count
                 or t.first_day <> e.effective_date or t.last_day <> e.effective_date
                 or t.first_layer <> t.last_layer or t.most > 9223372036854775807 / t.n) into doubtful
    from (select s.ledger_id, s.entry_id, bool_or(s.amount <> 0) as off, sum(s.base) as base, sum(s.n) as n,
                 max(s.last_no) as last_no, min(s.layer) as first_layer, max(s.layer) as last_layer,
                 min(s.first_day) as first_day, max(s.last_day) as last_day, max(s.most) as most
            from (select l.ledger_id, l.entry_id, l.currency, l.layer, sum(l.amount_minor) as amount,
                         sum(l.base_minor) as base, count(*) as n, max(l.line_no) as last_no,
                         min(l.effective_date) as first_day, max(l.effective_date) as last_day,
                         greatest(max(l.amount_minor), max(l.base_minor)) as most
                    from new_line l group by l.ledger_id, l.entry_id, l.currency, l.layer) s
           group by s.ledger_id, s.entry_id) t
    left join entry e on e.ledger_id = t.ledger_id and e.id = t.entry_id;
  if not doubtful then
    select bool_or(a.id is null or a.currency <> t.currency or t.first_day < a.opened_on or t.last_day >= a.closed_on
                   or t.differ and t.currency = g.base_currency) into doubtful
      from (select l.ledger_id, l.account_id, l.currency, min(l.effective_date) as first_day,
                   max(l.effective_date) as last_day, bool_or(l.base_minor <> l.amount_minor) as differ
              from new_line l group by l.ledger_id, l.account_id, l.currency) t
      left join account a on a.ledger_id = t.ledger_id and a.id = t.account_id
      left join ledger g on g.id = t.ledger_id;
  end if;
  if doubtful is not true then
    return null;
  end if;
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
    from new_line l join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
   where l.effective_date <> e.effective_date limit 1;
  if found then
    raise exception 'entry %: a line says %, which is not the header''s date', bad.entry_id, bad.effective_date
      using errcode = 'check_violation', constraint = 'line_has_its_entrys_date';
  end if;
  return null;
end $$;

create or replace function check_headers() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  saw record;
  bad record;
  first_moment timestamptz := clock_timestamp() - interval '1 hour';
  last_moment timestamptz := clock_timestamp() + interval '1 minute';
begin
  select bool_or(one.line_no is null) as without_lines, bool_or(e.reverses_id is not null) as reversal,
         bool_or(e.txid <> pg_current_xact_id() or e.recorded_at not between first_moment and last_moment) as other_time
    into saw
    from new_entry e left join lateral (
         select l.line_no from line l where l.ledger_id = e.ledger_id and l.entry_id = e.id limit 1) one on true;
  if saw.without_lines then
    select e.id, e.line_count into bad from new_entry e
     where not exists (select from line l where l.ledger_id = e.ledger_id and l.entry_id = e.id) limit 1;
    raise exception 'entry % has no lines and says it has %; insert both in one statement', bad.id, bad.line_count
      using errcode = 'check_violation', constraint = 'entry_is_complete';
  end if;
  if saw.reversal then
    select e.id, e.reverses_id into bad from new_entry e
     where e.reverses_id is not null
       and (not exists (select from entry r where r.ledger_id = e.ledger_id and r.id = e.reverses_id)
            or exists (select from line l where l.ledger_id = e.ledger_id and l.entry_id in (e.id, e.reverses_id)
                        group by l.account_id, l.currency, l.layer
                       having sum(l.amount_minor) <> 0 or sum(l.base_minor) <> 0)) limit 1;
    if found then
      raise exception 'entry % does not take back what entry % booked', bad.id, bad.reverses_id
        using errcode = 'check_violation', constraint = 'reversal_is_exact';
    end if;
  end if;
  -- Projections and seals follow the numbers of transactions: one of the past would be passed over for ever.
  if saw.other_time then
    select e.id into bad from new_entry e
     where e.txid <> pg_current_xact_id() or e.recorded_at not between first_moment and last_moment limit 1;
    raise exception 'entry % says it was recorded at another time than now', bad.id
      using errcode = 'check_violation', constraint = 'recorded_now';
  end if;
  return null;
end $$;

-- Posts entries: headers and lines in one statement, so that neither is ever there without the other. Gives the number
-- of each, in the caller's order; null for one whose key was there before, which is not touched. Text columns come
-- joined, each value followed by `separator`; `nothing` stands for null, and a column of nulls may be null as a whole.
-- Hashes come one after the other; lines in the order of their entries, `line_counts` of each. Numbers are given here
-- unless they were reserved before.
create function reserve_entries(n int) returns bigint[] language sql as $$
  select array(select nextval('entry_id_seq') from generate_series(1, n));
$$;
create function post_entries(
  to_ledger int, reserved bigint[], separator text, nothing text,
  days date[], times timestamptz[], line_counts smallint[], keys text, hashes bytea, events bigint[], rules text,
  versions int[], whys text, memos text, rates text, reverses bigint[], actors text, lates boolean[],
  accounts int[], currencies text, amounts bigint[], bases bigint[], parties text, items text, dims text
) returns bigint[] language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  ids bigint[] := coalesce(reserved, reserve_entries(cardinality(line_counts)));
  known bigint[] := '{}';
  seen bigint[];
  violated text;
begin
  loop
    begin
      -- Keys are inserted in order, so that two posters of the same facts wait for each other instead of for ever.
      with lines as (
        insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date,
                          party, item, dim)
        select to_ledger, ids[l.place], l.line_no, l.account_id, l.currency, l.amount_minor, l.base_minor,
               days[l.place], l.party, l.item, l.dim::jsonb
          from unnest(array(select p from unnest(line_counts) with ordinality h (n, p), generate_series(1, n)),
                      array(select no from unnest(line_counts) n, generate_series(1, n) no),
                      accounts, string_to_array(currencies, separator), amounts, bases,
                      string_to_array(parties, separator, nothing), string_to_array(items, separator, nothing),
                      string_to_array(dims, separator, nothing))
               as l (place, line_no, account_id, currency, amount_minor, base_minor, party, item, dim)
         where l.place is not null and l.place <> all(known))
      insert into entry (ledger_id, id, effective_date, occurred_at, line_count, idem_key, content_hash, event_id,
                         rule_id, rule_version, why, memo, rate, reverses_id, actor, late)
      overriding system value
      select to_ledger, h.id, h.effective_date, h.occurred_at, h.line_count, h.idem_key,
             substr(hashes, (h.place * 32 - 31)::int, 32), h.event_id, h.rule_id, h.rule_version, h.why, h.memo,
             h.rate, h.reverses_id, h.actor, coalesce(h.late, false)
        from unnest(ids, days, times, line_counts, string_to_array(keys, separator), events,
                    string_to_array(rules, separator), versions, string_to_array(whys, separator),
                    string_to_array(memos, separator), string_to_array(rates, separator, nothing), reverses,
                    string_to_array(actors, separator), lates) with ordinality
             as h (id, effective_date, occurred_at, line_count, idem_key, event_id, rule_id, rule_version, why, memo,
                   rate, reverses_id, actor, late, place)
       where h.id is not null and h.place <> all(known)
       order by h.idem_key collate "C";
      exit;
    exception when unique_violation then
      -- A repeat is rare, so whoever posts does not look for one first. Nothing of this try is there any more.
      get stacked diagnostics violated = constraint_name;
      seen := array(select k.place from unnest(string_to_array(keys, separator)) with ordinality k (idem_key, place)
                     where exists (select from entry e where e.ledger_id = to_ledger and e.idem_key = k.idem_key));
      if violated <> 'entry_ledger_id_idem_key_key' or seen = known then
        raise;
      end if;
      known := seen;
    end;
  end loop;
  if known <> '{}' then
    ids := array(select case when place <> all(known) then id end from unnest(ids) with ordinality i (id, place));
  end if;
  return ids;
end $$;

-- The way past some hundred million lines: the table that takes new lines is closed at a number not reached yet, and
-- another takes those after it. The first time, `line` becomes the parent of both. Nothing is copied: a constraint is
-- validated while posting goes on, then the tables change places in a moment. `margin`: how many entries may come
-- until that is done; more are refused and can be sent again.
create procedure cut_lines(margin bigint default 10000000) language plpgsql as $$
declare
  plain boolean := (select c.relkind = 'r' from pg_class c where c.oid = 'line'::regclass);
  newest text := case when plain then 'line' else (
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'line'::regclass and pg_get_expr(c.relpartbound, c.oid) like '%TO (MAXVALUE)') end;
  first bigint := (select substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \(''(\d+)''\) TO')
                     from pg_class c where c.oid = newest::regclass);
  bound bigint := greatest(first, (select s.last_value from entry_id_seq s)) + margin;
  number int := (select count(*) from pg_inherits where inhparent = 'line'::regclass);
  next text := format('line_%s', case when plain then 2 else number + 1 end);
  made text;
  triggers text[];
  patience text := current_setting('lock_timeout');
begin
  execute format('alter table %I drop constraint if exists cut_here', newest);
  execute format('alter table %I add constraint cut_here check (entry_id < %s) not valid', newest, bound);
  commit;
  execute format('alter table %I validate constraint cut_here', newest);
  commit;
  -- Whoever reads is waited for in short turns, between which posters are let through.
  perform set_config('lock_timeout', '1s', false);
  for turn in 1..100 loop
    begin
      lock table line in access exclusive mode;
      exit;
    exception when lock_not_available then
      if turn = 100 then
        raise;
      end if;
    end;
    commit;
    perform pg_sleep(0.2);
  end loop;
  triggers := array(select pg_get_triggerdef(t.oid) from pg_trigger t
                     where t.tgrelid = 'line'::regclass and not t.tgisinternal);
  if plain then
    alter table line rename to line_1;
    alter index line_pkey rename to line_1_pkey;
    alter index line_by_account rename to line_1_by_account;
    create table line (like line_1 including defaults including constraints) partition by range (entry_id);
    alter table line drop constraint cut_here;
    alter table line add primary key (ledger_id, entry_id, line_no);
    create index line_by_account on line (ledger_id, account_id, currency, layer, effective_date, entry_id)
      include (amount_minor);
    foreach made in array triggers loop
      execute made;
    end loop;
    newest := 'line_1';
  else
    execute format('alter table line detach partition %I', newest);
  end if;
  execute format('alter table line attach partition %I for values from (%s) to (%s)', newest,
                 coalesce(first::text, 'minvalue'), bound);
  execute format('alter table %I drop constraint cut_here', newest);
  execute format('create table %I partition of line for values from (%s) to (maxvalue)', next, bound);
  -- Who names a part instead of the whole is asked the same questions.
  foreach made in array triggers loop
    execute regexp_replace(made, ' ON (\w+\.)?line ', format(' ON \1%s ', next));
  end loop;
  perform set_config('lock_timeout', patience, false);
end $$;

-- Undoes the beginning of a cut that could not be finished, so that no entry is refused because of it.
create procedure uncut_lines() language plpgsql as $$
declare
  found regclass;
begin
  for found in select conrelid::regclass from pg_constraint where conname = 'cut_here' loop
    execute format('alter table %s drop constraint cut_here', found);
  end loop;
end $$;
