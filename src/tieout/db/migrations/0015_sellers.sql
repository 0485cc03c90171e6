-- Sellers in the books: who they are, where they are paid, what is held, and what each sale has come to for them.
-- What somebody said is added, never changed: profiles, accounts, holds, policies, sales, acts. `sale` and `stake` are
-- projections of that and of the entries, kept in the unit of work that posts.

-- A profile is a list of versions, each from a moment on. `profile` is model/seller.py's Seller, without the account.
create table seller_version (
  ledger_id   int not null references ledger,
  party       text not null check (party <> '' and octet_length(party) <= 500),
  version     int not null check (version > 0),
  valid_from  timestamptz not null check (isfinite(valid_from)),
  profile     jsonb not null,
  currency    char(3) not null generated always as ((profile ->> 'currency')) stored,
  changed_by  text not null check (changed_by ~ '\S'),
  reason      text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, party, version)
);
create trigger seller_is_kept before update or delete or truncate on seller_version
  for each statement execute function refuse_change();

create function check_seller_version() returns trigger language plpgsql as $$
begin
  if exists (select from seller_version s where s.ledger_id = new.ledger_id and s.party = new.party
              and s.version < new.version and s.valid_from >= new.valid_from)
     or new.version <> 1 + (select count(*) from seller_version s
                             where s.ledger_id = new.ledger_id and s.party = new.party) then
    raise exception 'version % of the profile of % does not follow the one before it', new.version, new.party
      using errcode = 'check_violation', constraint = 'profiles_follow';
  end if;
  return new;
end $$;
create trigger seller_follows before insert on seller_version for each row execute function check_seller_version();

-- Where a seller is paid. The first account is good at once; any other waits for `payable_from` and a second person.
create table seller_account (
  ledger_id    int not null,
  party        text not null,
  version      int not null check (version > 0),
  account      jsonb not null,                     -- model/seller.py's PayoutAccount
  changed_by   text not null check (changed_by ~ '\S'),
  reason       text not null,
  changed_at   timestamptz not null default clock_timestamp(),
  payable_from timestamptz not null,
  primary key (ledger_id, party, version),
  check (payable_from >= changed_at)
);
create table seller_account_verdict (
  ledger_id  int not null,
  party      text not null,
  version    int not null,
  approved   boolean not null,
  decided_by text not null check (decided_by ~ '\S'),
  reason     text not null,
  decided_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, party, version),
  foreign key (ledger_id, party, version) references seller_account
);
create trigger account_is_kept before update or delete or truncate on seller_account
  for each statement execute function refuse_change();
create trigger verdict_is_kept before update or delete or truncate on seller_account_verdict
  for each statement execute function refuse_change();

create function check_account_verdict() returns trigger language plpgsql as $$
begin
  if exists (select from seller_account a where a.ledger_id = new.ledger_id and a.party = new.party
              and a.version = new.version and a.changed_by = new.decided_by) then
    raise exception '% asked for this account and cannot approve it', new.decided_by
      using errcode = 'check_violation', constraint = 'two_people';
  end if;
  return new;
end $$;
create trigger verdict_is_anothers before insert on seller_account_verdict
  for each row execute function check_account_verdict();

-- The newest account nobody refused: `payable` once it has cooled off and, unless it is the first, been approved.
create view seller_account_now as
  select distinct on (a.ledger_id, a.party) a.ledger_id, a.party, a.version, a.account, a.changed_by, a.changed_at,
         a.payable_from, v.decided_by as approved_by, v.decided_at as approved_at,
         a.payable_from <= clock_timestamp() and (a.version = 1 or v.approved is true) as payable
    from seller_account a
    left join seller_account_verdict v using (ledger_id, party, version)
   where v.approved is not false
   order by a.ledger_id, a.party, a.version desc;

-- The profile in force now, with the account.
create view seller_now as
  select distinct on (s.ledger_id, s.party) s.ledger_id, s.party, s.version, s.valid_from, s.profile, s.currency,
         s.changed_by, s.reason, s.recorded_at
    from seller_version s
   where s.valid_from <= now()
   order by s.ledger_id, s.party, s.version desc;

-- A hold on a seller's money; all of it if no amount is said. It ends by its last day or when somebody releases it.
create table seller_hold (
  ledger_id    int not null references ledger,
  id           bigint generated always as identity,
  party        text not null,
  reason       text not null,                      -- model/bucket.py's HoldReason
  amount_minor bigint check (amount_minor > 0),
  since        date not null,
  until        date check (until > since),         -- not held on that day any more
  ends_when    text not null check (ends_when ~ '\S'),
  opened_by    text not null check (opened_by ~ '\S'),
  opened_at    timestamptz not null default clock_timestamp(),
  primary key (ledger_id, id)
);
create index hold_by_party on seller_hold (ledger_id, party);
create table seller_hold_release (
  ledger_id   int not null,
  hold_id     bigint not null,
  released_on date not null,
  released_by text not null check (released_by ~ '\S'),
  reason      text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, hold_id),
  foreign key (ledger_id, hold_id) references seller_hold
);
create trigger hold_is_kept before update or delete or truncate on seller_hold
  for each statement execute function refuse_change();
create trigger release_is_kept before update or delete or truncate on seller_hold_release
  for each statement execute function refuse_change();

-- What the marketplace does by rule: when sales are released, what is kept back, who bears what, up to where one
-- person may decide alone. `policy` is model/seller.py's SettlementPolicy.
create table settlement_policy (
  ledger_id    int not null references ledger,
  version      int not null check (version > 0),
  policy       jsonb not null,
  published_by text not null check (published_by ~ '\S'),
  reason       text not null check (reason ~ '\S'),
  published_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, version)
);
create trigger policy_is_kept before update or delete or truncate on settlement_policy
  for each statement execute function refuse_change();

-- What happened to a sale, in whatever order it was heard. `sale` is the item of the seller's lines: order:ID.
create table sale_fact (
  ledger_id   int not null references ledger,
  sale        text not null,
  key         text not null,
  kind        text not null,                       -- model/sale.py's FactKind
  occurred_at timestamptz not null,
  content     jsonb not null,
  event_id    bigint,
  actor       text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, sale, key)
);
create trigger fact_is_kept before update or delete or truncate on sale_fact
  for each statement execute function refuse_change();

-- Where a sale stands. `frozen` has the order, its ownership and its fee rules as they were when it was captured.
-- `applied` are the facts that are in the books. One that waits says for what: listing:SKU.
create table sale (
  ledger_id   int not null references ledger,
  sale        text not null,
  state       text not null check (state in ('open', 'settled', 'waiting', 'refused')),
  currency    char(3),
  captured_at timestamptz,
  frozen      jsonb,
  applied     text[] not null default '{}',
  waits_for   text[] not null default '{}',
  entries     int not null default 0,
  primary key (ledger_id, sale)
);
create index sale_waiting on sale using gin (waits_for) where state = 'waiting';

-- What a sale has come to for one seller, by bucket; liabilities are positive here. What became available is the
-- seller's and no longer the sale's.
create table stake (
  ledger_id       int not null references ledger,
  sale            text not null,
  party           text not null,
  currency        char(3) not null,
  captured_on     date not null,
  gross_minor     bigint not null,                 -- its part of the goods at list price; for volume tiers
  total_minor     bigint not null,                 -- its part of what the buyer paid, tax included
  net_minor       bigint not null,                 -- what it is owed by the sale, less what went back
  pending_minor   bigint not null default 0,
  held_minor      bigint not null default 0,
  reserve_minor   bigint not null default 0,
  due_on          date,                            -- released on this day or later; null: not before something happens
  released_on     date,
  reserve_until   date,
  primary key (ledger_id, sale, party),
  check (pending_minor >= 0 and held_minor >= 0 and reserve_minor >= 0)
);
create index stake_due on stake (ledger_id, due_on) where released_on is null;
create index stake_reserved on stake (ledger_id, reserve_until) where reserve_minor > 0;
create index stake_by_party on stake (ledger_id, party, captured_on);

-- What a person (or a rule) did to a seller's balance beside sales: goodwill, adjustment, fee, write-off, … One that
-- is over its limit waits for another person; the entry comes with the approval.
create table seller_act (
  ledger_id     int not null references ledger,
  id            bigint generated always as identity,
  key           text not null,
  step          text not null,                     -- settlement/act.py's ActKind
  reason_code   text not null,
  party         text,
  sale          text,
  currency      char(3) not null,
  amount_minor  bigint not null check (amount_minor > 0),
  extra_minor   bigint not null default 0,         -- VAT on a fee
  day           date not null,
  source        text,
  note          text not null check (note ~ '\S'),
  evidence      text not null default '',
  asked_by      text not null check (asked_by ~ '\S'),
  asked_at      timestamptz not null default clock_timestamp(),
  needs_second  boolean not null,
  primary key (ledger_id, id),
  unique (ledger_id, key)
);
create table seller_act_verdict (
  ledger_id  int not null,
  act_id     bigint not null,
  approved   boolean not null,
  decided_by text not null check (decided_by ~ '\S'),
  reason     text not null,
  decided_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, act_id),
  foreign key (ledger_id, act_id) references seller_act
);
create index act_by_party on seller_act (ledger_id, party);
create trigger act_is_kept before update or delete or truncate on seller_act
  for each statement execute function refuse_change();
create trigger act_verdict_is_kept before update or delete or truncate on seller_act_verdict
  for each statement execute function refuse_change();

create function check_act_verdict() returns trigger language plpgsql as $$
begin
  if exists (select from seller_act a where a.ledger_id = new.ledger_id and a.id = new.act_id
              and a.needs_second and a.asked_by = new.decided_by) then
    raise exception '% asked for this and cannot approve it', new.decided_by
      using errcode = 'check_violation', constraint = 'two_people';
  end if;
  return new;
end $$;
create trigger act_verdict_is_anothers before insert on seller_act_verdict
  for each row execute function check_act_verdict();

-- One sale, one release job and one seller's changes at a time.
create function take_settlement(ledger_id int, what text) returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended('settlement ' || what, ledger_id));
$$;
create function try_settlement(ledger_id int, what text) returns boolean language sql as $$
  select pg_try_advisory_xact_lock(hashtextextended('settlement ' || what, ledger_id));
$$;
