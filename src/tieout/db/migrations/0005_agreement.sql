-- Open items, matches, runs and cases.

create table open_item (                          -- projection of the lines on clearing accounts
  ledger_id      int not null,
  id             bigint generated always as identity,
  entry_id       bigint not null,
  event_id       bigint,
  account_id     int not null,
  currency       char(3) not null,
  item           text not null,
  amount_minor   bigint not null check (amount_minor <> 0),
  effective_date date not null,
  primary key (ledger_id, id),
  unique (ledger_id, entry_id, account_id, currency, item)
);
create index open_item_by_account on open_item (ledger_id, account_id, currency);

create table recon_run (
  ledger_id      int not null,
  id             bigint generated always as identity,
  as_of          date not null,
  started_at     timestamptz not null,
  finished_at    timestamptz not null,
  engine         text not null,
  engine_version text not null,
  rules_hash     text not null,
  result_hash    text not null,
  items          bigint not null,
  matches        bigint not null,
  primary key (ledger_id, id)
);

create table match (
  ledger_id    int not null,
  id           bigint generated always as identity,
  account_id   int not null,
  currency     char(3) not null,
  pass_id      text not null,
  pass_version int not null,
  key          text not null,
  why          text not null,
  evidence     jsonb not null,
  run_id       bigint,
  actor        text not null,
  recorded_at  timestamptz not null default clock_timestamp(),
  reverses_id  bigint,
  primary key (ledger_id, id),
  unique (ledger_id, reverses_id)
);

create table allocation (
  ledger_id    int not null,
  match_id     bigint not null,
  item_id      bigint not null,
  amount_minor bigint not null check (amount_minor <> 0),
  primary key (ledger_id, match_id, item_id)
);
create index allocation_by_item on allocation (ledger_id, item_id);

-- A match comes whole, in one statement; it sums to zero over items of its own account and currency, and no item is
-- ever tied by more than it is.
create function check_allocations() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare
  bad record;
begin
  select t.match_id, sum(t.amount_minor) as off into bad
    from new_allocation t group by t.ledger_id, t.match_id having sum(t.amount_minor) <> 0 limit 1;
  if found then
    raise exception 'match % is off by % minor units', bad.match_id, bad.off
      using errcode = 'check_violation', constraint = 'match_balances';
  end if;
  select t.match_id, count(*) - t.n as earlier into bad
    from (select ledger_id, match_id, count(*) as n from new_allocation group by 1, 2) t
    join allocation a on a.ledger_id = t.ledger_id and a.match_id = t.match_id
   group by t.ledger_id, t.match_id, t.n having count(*) <> t.n limit 1;
  if found then
    raise exception 'match % is complete already, with % allocations', bad.match_id, bad.earlier
      using errcode = 'check_violation', constraint = 'match_is_complete';
  end if;
  select t.match_id, t.item_id into bad
    from new_allocation t
    left join match m on m.ledger_id = t.ledger_id and m.id = t.match_id
    left join open_item i on i.ledger_id = t.ledger_id and i.id = t.item_id
   where (i.account_id, i.currency) is distinct from (m.account_id, m.currency) or m.id is null limit 1;
  if found then
    raise exception 'item % is not of the account and currency of match %', bad.item_id, bad.match_id
      using errcode = 'check_violation', constraint = 'item_fits_match';
  end if;
  perform 1 from open_item i join (select distinct ledger_id, item_id from new_allocation) t
      on t.ledger_id = i.ledger_id and t.item_id = i.id order by i.id for update of i;
  select i.id, i.amount_minor, sum(a.amount_minor) as allocated into bad
    from (select distinct ledger_id, item_id from new_allocation) t
    join open_item i on i.ledger_id = t.ledger_id and i.id = t.item_id
    join allocation a on a.ledger_id = i.ledger_id and a.item_id = i.id
   group by i.ledger_id, i.id, i.amount_minor
  having sum(a.amount_minor) not between least(i.amount_minor, 0) and greatest(i.amount_minor, 0) limit 1;
  if found then
    raise exception 'item % of % minor units would be tied by %', bad.id, bad.amount_minor, bad.allocated
      using errcode = 'check_violation', constraint = 'item_is_tied_once';
  end if;
  return null;
end $$;
create trigger allocations_hold after insert on allocation referencing new table as new_allocation
  for each statement execute function check_allocations();
create trigger run_is_kept before update or delete or truncate on recon_run
  for each statement execute function refuse_change();
create trigger match_is_kept before update or delete or truncate on match
  for each statement execute function refuse_change();
create trigger allocation_is_kept before update or delete or truncate on allocation
  for each statement execute function refuse_change();

-- The name the last run gave each item that is still open; a projection, replaced by every run.
create table named_item (
  ledger_id int not null,
  item_id   bigint not null,
  run_id    bigint not null,
  naming    text not null check (naming in ('transit', 'disputed', 'reserved', 'exception')),
  label     text not null,
  due       date,
  case_id   bigint,
  primary key (ledger_id, item_id)
);

-- `case` is a word of SQL, so the table is called exception_case.
create table exception_case (
  ledger_id    int not null,
  id           bigint generated always as identity,
  reason       text not null,
  subject      text not null,
  sentence     text not null,
  amount_minor bigint not null,
  currency     char(3),
  aggregate    text,
  links        text[] not null default '{}',
  stage        text not null,
  state        text not null check (state in ('open', 'reopened', 'resolved')),
  opened_at    timestamptz not null default now(),
  changed_at   timestamptz not null default now(),
  primary key (ledger_id, id),
  unique (ledger_id, reason, subject)
);
create index case_open on exception_case (ledger_id, reason) where state <> 'resolved';
create index case_links on exception_case using gin (links);

create table case_history (
  ledger_id int not null,
  case_id   bigint not null,
  seq       int not null,
  what      text not null,
  detail    text not null,
  actor     text not null,
  at        timestamptz not null default clock_timestamp(),
  primary key (ledger_id, case_id, seq)
);
create trigger history_is_kept before update or delete or truncate on case_history
  for each statement execute function refuse_change();
