-- The ledger: entries and lines, append-only; every rule that can be checked is checked here.

create table period (
  ledger_id   int not null references ledger,
  id          int generated always as identity,
  area        smallint not null default 0,       -- 0 all, 1 sales, 2 purchases, 3 tax, 4 bank
  first_day   date not null,
  last_day    date not null check (last_day >= first_day),
  state       text not null default 'open' check (state in ('open', 'soft', 'hard')),
  changed_by  text,
  changed_at  timestamptz not null default now(),
  close_block bigint,
  primary key (ledger_id, id),
  exclude using gist (int4range(ledger_id, ledger_id, '[]') with &&, int4range(area, area, '[]') with &&,
                      daterange(first_day, last_day, '[]') with &&)
);

create table entry (
  ledger_id      int not null references ledger,
  id             bigint generated always as identity,
  effective_date date not null,
  occurred_at    timestamptz not null,
  recorded_at    timestamptz not null default clock_timestamp(),
  txid           xid8 not null default pg_current_xact_id(),
  line_count     smallint not null check (line_count >= 2),
  idem_key       text not null,
  content_hash   bytea not null check (octet_length(content_hash) = 32),
  event_id       bigint,
  rule_id        text not null,
  rule_version   int not null,
  why            text not null,
  memo           text not null,
  rate           text,
  reverses_id    bigint,
  actor          text not null,
  approval_id    bigint,
  late           boolean not null default false,
  primary key (ledger_id, id),
  unique (ledger_id, idem_key),
  unique (ledger_id, reverses_id),
  check (isfinite(effective_date) and isfinite(occurred_at)),
  check (reverses_id < id)
);
create index entry_by_txid on entry (ledger_id, txid, id);
create index entry_by_recorded on entry using brin (recorded_at);

create table line (
  ledger_id      int not null,
  entry_id       bigint not null,
  line_no        smallint not null check (line_no > 0),
  account_id     int not null,
  currency       char(3) not null,
  layer          smallint not null default 0,     -- 0 settled, 1 pending, 2 held
  amount_minor   bigint not null,                 -- debit positive, credit negative
  base_minor     bigint not null,                 -- the same in base currency; alone on a line, it revalues
  effective_date date not null,
  party          text,
  item           text,
  dim            jsonb,
  primary key (ledger_id, entry_id, line_no),
  check (amount_minor <> 0 or base_minor <> 0),
  check (amount_minor > -9223372036854775808 and base_minor > -9223372036854775808)
);
create index line_by_account on line (ledger_id, account_id, currency, layer, effective_date, entry_id)
  include (amount_minor);

create table entry_note (
  ledger_id   int not null,
  entry_id    bigint not null,
  seq         int not null,
  note        text not null,
  actor       text not null,
  recorded_at timestamptz not null default now(),
  primary key (ledger_id, entry_id, seq)
);

-- Projections and seals; filled by the roll-up, never by the poster. A sum is wider than what it adds up: a line fits
-- 64 bits, but no line may ever make a balance unreadable.
create table day_delta (
  ledger_id int not null, account_id int not null, currency char(3) not null, layer smallint not null,
  effective_date date not null, debit_minor numeric(38) not null, credit_minor numeric(38) not null, n bigint not null,
  primary key (ledger_id, account_id, currency, layer, effective_date)
);
create table period_balance (
  ledger_id int not null, account_id int not null, currency char(3) not null, layer smallint not null,
  period_id int not null, balance_minor numeric(38) not null, block_no bigint,
  primary key (ledger_id, account_id, currency, layer, period_id)
);
create table seal_block (
  ledger_id int not null, block_no bigint not null, from_xid xid8 not null, to_xid xid8 not null, n bigint not null,
  debit_by_currency jsonb not null, merkle_root bytea not null, prev_hash bytea not null, block_hash bytea not null,
  sealed_at timestamptz not null default now(), anchor text,
  primary key (ledger_id, block_no)
);
create table cursor_position (
  ledger_id int not null, consumer text not null, upto_xid xid8 not null,
  primary key (ledger_id, consumer)
);

-- Posters share the books; whoever moves a period takes them alone, and waits for posters under way.
create function share_books(ledger_id int) returns void language sql as $$
  select pg_advisory_xact_lock_shared(hashtextextended('books', ledger_id));
$$;
create function take_books(ledger_id int) returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended('books', ledger_id));
$$;

-- Each check plans anew what it looks up: a plan kept from a session's first entries, when the tables were empty, reads
-- whole tables and indexes ever after.
--
-- Checked once a statement over all its lines: every entry complete, balanced per currency and in base currency,
-- on known, open accounts that take its currency, on the header's date, in an open period.
create function check_lines() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare
  bad record;
begin
  perform share_books(t.ledger_id) from (select distinct l.ledger_id from new_line l) t;
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
  select l.entry_id, l.effective_date, e.effective_date as header, p.state into bad
    from (select distinct ledger_id, entry_id, effective_date from new_line) l
    join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
    left join period p on p.ledger_id = l.ledger_id and p.area = 0 and p.state <> 'open'
                      and l.effective_date between p.first_day and p.last_day
   where l.effective_date <> e.effective_date or p.state is not null limit 1;
  if found then
    raise exception 'entry %: % is not the header''s date, or lies in a closed period', bad.entry_id, bad.effective_date
      using errcode = 'check_violation', constraint = 'period_is_open';
  end if;
  return null;
end $$;

create trigger lines_hold after insert on line referencing new table as new_line
  for each statement execute function check_lines();

-- A header and its lines come in one statement, so an entry without lines cannot be: triggers that come after a
-- statement run when all of it is done. Lines that are there have been found complete by check_lines.
create function check_headers() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare
  bad record;
begin
  select e.id, e.line_count into bad from new_entry e
   where not exists (select from line l where l.ledger_id = e.ledger_id and l.entry_id = e.id) limit 1;
  if found then
    raise exception 'entry % has no lines and says it has %; insert both in one statement', bad.id, bad.line_count
      using errcode = 'check_violation', constraint = 'entry_is_complete';
  end if;
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
  -- Projections and seals follow the numbers of transactions: one of the past would be passed over for ever.
  select e.id into bad from new_entry e
   where e.txid <> pg_current_xact_id()
      or e.recorded_at not between clock_timestamp() - interval '1 hour' and clock_timestamp() + interval '1 minute' limit 1;
  if found then
    raise exception 'entry % says it was recorded at another time than now', bad.id
      using errcode = 'check_violation', constraint = 'recorded_now';
  end if;
  return null;
end $$;

create trigger headers_hold after insert on entry referencing new table as new_entry
  for each statement execute function check_headers();

create trigger entry_is_kept before update or delete or truncate on entry
  for each statement execute function refuse_change();
create trigger line_is_kept before update or delete or truncate on line
  for each statement execute function refuse_change();
create trigger note_is_kept before update or delete or truncate on entry_note
  for each statement execute function refuse_change();
create trigger seal_is_kept before update or delete or truncate on seal_block
  for each statement execute function refuse_change();
create trigger period_is_not_emptied before truncate on period
  for each statement execute function refuse_change();

-- A hard-closed period never opens again.
create function period_only_closes() returns trigger language plpgsql as $$
begin
  perform take_books(coalesce(new.ledger_id, old.ledger_id));
  if old.state = 'hard' then
    raise exception 'the period % to % is closed for good', old.first_day, old.last_day
      using errcode = 'restrict_violation', constraint = 'hard_close_is_final';
  end if;
  return coalesce(new, old);
end $$;
create trigger period_only_closes before insert or update or delete on period
  for each row execute function period_only_closes();
