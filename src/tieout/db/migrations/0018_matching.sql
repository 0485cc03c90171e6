-- Matching in the books: what is tied stands on the item itself, runs look only at what changed, rules are data that
-- somebody approved, people confirm and refuse, and a reconciliation that was signed stays as it was signed.

-- ── What is tied ──────────────────────────────────────────────────────────────────────────────────────────────

-- How much of an item its allocations tie. Written with them, on the item's own row, which is locked for it: two who
-- tie one item wait for each other at any isolation level, and the second is refused.
alter table open_item add column tied_minor bigint not null default 0;
update open_item i set tied_minor = t.amount
  from (select ledger_id, item_id, sum(amount_minor)::bigint as amount from allocation group by 1, 2) t
 where t.ledger_id = i.ledger_id and t.item_id = i.id and t.amount <> 0;
alter table open_item add constraint item_is_tied_once
  check (tied_minor between least(amount_minor, 0) and greatest(amount_minor, 0));
create index open_item_open on open_item (ledger_id, id) where tied_minor <> amount_minor;
create index open_item_by_name on open_item (ledger_id, item);

create or replace function check_allocations() returns trigger language plpgsql
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
  select i.id, i.amount_minor, i.tied_minor + t.amount as allocated into bad
    from (select ledger_id, item_id, sum(amount_minor) as amount from new_allocation group by 1, 2) t
    join open_item i on i.ledger_id = t.ledger_id and i.id = t.item_id
   where i.tied_minor + t.amount not between least(i.amount_minor, 0) and greatest(i.amount_minor, 0) limit 1;
  if found then
    raise exception 'item % of % minor units would be tied by %', bad.id, bad.amount_minor, bad.allocated
      using errcode = 'check_violation', constraint = 'item_is_tied_once';
  end if;
  update open_item i set tied_minor = i.tied_minor + t.amount
    from (select ledger_id, item_id, sum(amount_minor)::bigint as amount from new_allocation group by 1, 2) t
   where i.ledger_id = t.ledger_id and i.id = t.item_id and t.amount <> 0;
  insert into dirty_item select distinct ledger_id, item_id from new_allocation on conflict do nothing;
  return null;
end $$;

-- By which version of the rules, on which engine, a match was made; who else was looked at and why not; and the entry
-- that it caused, where a residual was written off.
alter table match
  add column rules_version int not null default 0,
  add column rules_hash text not null default '',
  add column engine text not null default '',
  add column rejected jsonb not null default '[]',
  add column entry_id bigint;
create index match_by_key on match (ledger_id, key);
create unique index match_caused on match (ledger_id, entry_id) where entry_id is not null;
alter table recon_run
  add column rules_version int not null default 0,
  add column whole boolean not null default true,       -- all items, or only what changed
  add column looked_at bigint not null default -1;      -- items the passes were given; -1: there was no queue yet

-- A match a person stands by: it is taken as settled and not looked at again.
create table match_confirmation (
  ledger_id    int not null,
  match_id     bigint not null,
  actor        text not null,
  why          text not null,
  confirmed_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, match_id)
);
create trigger confirmation_is_kept before update or delete or truncate on match_confirmation
  for each statement execute function refuse_change();

-- Matches by a run that nobody stands by and nobody has taken back: runs look at them again.
create view loose_match as
  select m.ledger_id, m.id, m.pass_id, m.key, m.account_id, m.currency from match m
   where m.run_id is not null and m.reverses_id is null
     and not exists (select from match r where r.ledger_id = m.ledger_id and r.reverses_id = m.id)
     and not exists (select from match_confirmation c where c.ledger_id = m.ledger_id and c.match_id = m.id);

-- ── What changed since the last run ───────────────────────────────────────────────────────────────────────────

-- Items that came or were tied or freed, and news of payouts: queues that the next run empties.
create table dirty_item (
  ledger_id int not null,
  item_id   bigint not null,
  primary key (ledger_id, item_id)
);
insert into dirty_item select ledger_id, id from open_item where tied_minor <> amount_minor;
create table dirty_event (
  ledger_id int not null,
  event_id  bigint not null,
  primary key (ledger_id, event_id)
);

create function mark_items() returns trigger language plpgsql as $$
begin
  insert into dirty_item select ledger_id, id from new_item on conflict do nothing;
  return null;
end $$;
create trigger items_are_news after insert on open_item referencing new table as new_item
  for each statement execute function mark_items();
create function mark_events() returns trigger language plpgsql as $$
begin
  insert into dirty_event select distinct ledger_id, event_id from new_reference
   where reference like 'payout:%' on conflict do nothing;
  return null;
end $$;
create trigger payouts_are_news after insert on event_reference referencing new table as new_reference
  for each statement execute function mark_events();

-- The normalised references that items on their way to the bank go by: a projection, so that those of one reference
-- are found without reading the rest.
create table item_clue (
  ledger_id int not null,
  ref       text not null,
  item_id   bigint not null,
  primary key (ledger_id, ref, item_id)
);
create index item_clue_by_item on item_clue (ledger_id, item_id);

-- ── Rules ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- Matching rules as somebody published them; in force from a day once another person has approved them.
create table matching_rules (
  ledger_id    int not null references ledger,
  version      int not null check (version > 0),
  from_day     date not null,
  text         text not null,
  hash         text not null,
  published_by text not null,
  published_at timestamptz not null default clock_timestamp(),
  reason       text not null,
  primary key (ledger_id, version)
);
create table matching_approval (
  ledger_id   int not null,
  version     int not null,
  approved_by text not null,
  approved_at timestamptz not null default clock_timestamp(),
  reason      text not null,
  primary key (ledger_id, version),
  foreign key (ledger_id, version) references matching_rules (ledger_id, version)
);
create function check_approver() returns trigger language plpgsql as $$
begin
  if exists (select from matching_rules r where r.ledger_id = new.ledger_id and r.version = new.version
              and r.published_by = new.approved_by) then
    raise exception 'matching rules % were published by %, who cannot approve them', new.version, new.approved_by
      using errcode = 'check_violation', constraint = 'two_people_make_a_rule';
  end if;
  return new;
end $$;
create trigger approver_is_another before insert on matching_approval
  for each row execute function check_approver();
create trigger rules_are_kept before update or delete or truncate on matching_rules
  for each statement execute function refuse_change();
create trigger approval_is_kept before update or delete or truncate on matching_approval
  for each statement execute function refuse_change();

-- ── What people refused ───────────────────────────────────────────────────────────────────────────────────────

-- Two items of which a person said that they do not belong together; proposals leave the pair out.
create table refused_pair (
  ledger_id  int not null,
  item_id    bigint not null,
  other_id   bigint not null,
  actor      text not null,
  why        text not null,
  refused_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, item_id, other_id),
  check (item_id < other_id)
);
create trigger refusal_is_kept before update or delete or truncate on refused_pair
  for each statement execute function refuse_change();

-- ── Reconciliations that were signed ──────────────────────────────────────────────────────────────────────────

create table reconciliation (
  ledger_id   int not null references ledger,
  id          bigint generated always as identity,
  account_id  int not null,
  currency    char(3) not null,
  first_day   date not null,
  last_day    date not null check (last_day >= first_day),
  content     text not null,                     -- the statement itself, as JSON; its SHA-256 is the hash
  hash        bytea not null,
  csv         text not null,
  prepared_by text not null,
  prepared_at timestamptz not null,
  last_match  bigint not null,                   -- matches above it came after
  primary key (ledger_id, id)
);
create table reconciliation_signature (
  ledger_id   int not null,
  id          bigint not null,
  reviewed_by text not null,
  reviewed_at timestamptz not null,
  note        text not null,
  pdf         bytea not null,                    -- with both names on it
  primary key (ledger_id, id),
  foreign key (ledger_id, id) references reconciliation (ledger_id, id)
);
create function check_reviewer() returns trigger language plpgsql as $$
begin
  if exists (select from reconciliation r where r.ledger_id = new.ledger_id and r.id = new.id
              and r.prepared_by = new.reviewed_by) then
    raise exception 'reconciliation % was prepared by %, who cannot review it', new.id, new.reviewed_by
      using errcode = 'check_violation', constraint = 'two_people_sign';
  end if;
  return new;
end $$;
create trigger reviewer_is_another before insert on reconciliation_signature
  for each row execute function check_reviewer();
create trigger reconciliation_is_kept before update or delete or truncate on reconciliation
  for each statement execute function refuse_change();
create trigger signature_is_kept before update or delete or truncate on reconciliation_signature
  for each statement execute function refuse_change();
