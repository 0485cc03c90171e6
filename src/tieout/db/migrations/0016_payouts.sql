-- Payouts: which lines of what sellers can be paid a payout settles, the way it goes, and every step on it.

-- Lines on sellers' available balances that no living payout has: a projection of the journal, so that a run reads what
-- is open and not all that ever was. Amounts here and below are what the seller is owed: credit positive.
create table payable_line (
  ledger_id    int not null,
  party        text not null,
  currency     char(3) not null,
  entry_id     bigint not null,
  line_no      smallint not null,
  amount_minor bigint not null,
  primary key (ledger_id, party, currency, entry_id, line_no)
);
-- What the snapshot sees of the journal is in the projection, or belongs to a payout.
create table payable_cursor (
  ledger_id int primary key references ledger,
  upto      pg_snapshot not null
);

-- How sellers are paid: rails, tiers of approval, limits. Versions are added, never changed.
create table payout_policy (
  ledger_id    int not null references ledger,
  version      int not null check (version > 0),
  policy       jsonb not null,
  published_by text not null check (published_by <> ''),
  reason       text not null check (reason ~ '\S'),
  published_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, version)
);

-- A run goes over sellers once: its key says which run it is, so that asked for twice it is one. It is worked off in
-- parts, each a unit of work of whoever takes it; what a killed worker had begun is begun anew by another.
create table payout_run (
  ledger_id      int not null references ledger,
  id             bigint generated always as identity,
  key            text not null check (key <> ''),
  day            date not null,
  policy_version int not null,
  made_by        text not null check (made_by <> ''),
  made_at        timestamptz not null default clock_timestamp(),
  primary key (ledger_id, id),
  unique (ledger_id, key)
);
create table payout_part (
  ledger_id int not null,
  run_id    bigint not null,
  part_no   int not null,
  parties   text[] not null,
  done_at   timestamptz,
  primary key (ledger_id, run_id, part_no),
  foreign key (ledger_id, run_id) references payout_run
);

-- Whether a payout in this state keeps its lines from every other payout.
create function payout_lives(state text) returns boolean immutable strict parallel safe language sql as $$
  select state not in ('failed', 'returned', 'canceled')
$$;

create table payout (
  ledger_id        int not null references ledger,
  id               bigint generated always as identity,
  run_id           bigint,                             -- null: made by a person
  party            text not null check (party <> ''),
  currency         char(3) not null,
  amount_minor     bigint not null check (amount_minor > 0),
  rail             text not null check (rail <> ''),
  account          jsonb not null,                     -- where it goes, as it was known then
  execute_on       date not null,
  end_to_end       text not null check (end_to_end ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,34}$'),
  remittance       text not null default '',
  reason           text not null default '',           -- of a person who made it
  approvals_needed smallint not null check (approvals_needed >= 0),
  made_by          text not null check (made_by <> ''),
  made_at          timestamptz not null default clock_timestamp(),
  state            text not null default 'draft',      -- moved by payout_history and nothing else
  steps            int not null default 0,             -- how many rows of history there are
  changed_at       timestamptz not null default clock_timestamp(),
  primary key (ledger_id, id),
  unique (ledger_id, end_to_end),
  unique (ledger_id, run_id, party, currency),
  foreign key (ledger_id, run_id) references payout_run
) with (fillfactor = 80);
create index payout_by_party on payout (ledger_id, party, id);
create index payout_under_way on payout (ledger_id, state, id) where state not in ('paid', 'returned', 'canceled');

-- What a run says to each seller it looked at, in each currency: once.
create table payout_decision (
  ledger_id     int not null,
  run_id        bigint not null,
  party         text not null,
  currency      char(3) not null,
  verdict       text not null,
  owed_minor    bigint not null,
  amount_minor  bigint not null,
  carried_minor bigint not null,
  why           text not null,
  payout_id     bigint,
  primary key (ledger_id, run_id, party, currency),
  foreign key (ledger_id, run_id) references payout_run
);

-- The lines of the ledger a payout settles. What it leaves over is a line as well (entry rule settlement.carried).
create table payout_line (
  ledger_id    int not null,
  payout_id    bigint not null,
  entry_id     bigint not null,
  line_no      smallint not null,
  amount_minor bigint not null,
  alive        boolean not null default true,
  primary key (ledger_id, payout_id, entry_id, line_no)
);
create unique index paid_once on payout_line (ledger_id, entry_id, line_no) where alive;

create table payout_history (
  ledger_id  int not null,
  payout_id  bigint not null,
  seq        int not null check (seq > 0),
  from_state text not null,
  to_state   text not null,
  reason     text not null default '',                 -- a code
  detail     text not null default '',                 -- a sentence
  actor      text not null check (actor <> ''),
  at         timestamptz not null default clock_timestamp(),
  entry_id   bigint,                                   -- what was booked with the step
  attempt_no int,
  primary key (ledger_id, payout_id, seq),
  constraint payout_may_move check ((from_state, to_state) in (
    ('draft', 'pending_approval'), ('draft', 'approved'), ('draft', 'canceled'),
    ('pending_approval', 'approved'), ('pending_approval', 'held'), ('pending_approval', 'canceled'),
    ('approved', 'queued'), ('approved', 'held'), ('approved', 'canceled'),
    ('held', 'pending_approval'), ('held', 'approved'), ('held', 'canceled'),
    ('queued', 'submitted'), ('queued', 'held'), ('queued', 'failed'), ('queued', 'canceled'),
    ('submitted', 'in_transit'), ('submitted', 'paid'), ('submitted', 'failed'),
    ('in_transit', 'paid'), ('in_transit', 'failed'), ('in_transit', 'returned'),
    ('paid', 'returned'), ('failed', 'queued'), ('failed', 'canceled')))
);

-- A person's word on a payout. Whoever made it has none.
create table payout_approval (
  ledger_id int not null,
  payout_id bigint not null,
  person    text not null check (person <> ''),
  note      text not null default '',
  at        timestamptz not null default clock_timestamp(),
  primary key (ledger_id, payout_id, person),
  foreign key (ledger_id, payout_id) references payout
);

-- Files for the bank, and who took them: a second export says so.
create table payment_file (
  ledger_id   int not null references ledger,
  id          bigint generated always as identity,
  name        text not null,
  rail        text not null,
  format      text not null,
  message_id  text not null,                           -- the file's own name inside, which a bank gives back
  currency    char(3) not null,
  payouts     int not null check (payouts > 0),
  total_minor bigint not null check (total_minor > 0),
  sha256      bytea not null check (octet_length(sha256) = 32),
  content     bytea not null check (sha256(content) = sha256),
  made_by     text not null,
  made_at     timestamptz not null default clock_timestamp(),
  primary key (ledger_id, id),
  unique (ledger_id, message_id),
  unique (ledger_id, name)
);
create table payment_file_export (
  ledger_id int not null,
  file_id   bigint not null,
  seq       int not null check (seq > 0),
  person    text not null check (person <> ''),
  at        timestamptz not null default clock_timestamp(),
  primary key (ledger_id, file_id, seq),
  foreign key (ledger_id, file_id) references payment_file
);

-- Each time a payout is given to a bank or provider: written down before, under a key that makes it one. What came of
-- it is written down after; `unknown` is looked up before anything is tried again.
create table payout_attempt (
  ledger_id       int not null,
  payout_id       bigint not null,
  attempt_no      int not null check (attempt_no > 0),
  rail            text not null,
  idempotency_key text not null,
  file_id         bigint,
  begun_at        timestamptz not null default clock_timestamp(),
  primary key (ledger_id, payout_id, attempt_no),
  unique (ledger_id, idempotency_key),
  foreign key (ledger_id, payout_id) references payout,
  foreign key (ledger_id, file_id) references payment_file
);
create index attempt_by_file on payout_attempt (ledger_id, file_id) where file_id is not null;
create table payout_answer (
  ledger_id    int not null,
  payout_id    bigint not null,
  attempt_no   int not null,
  seq          int not null check (seq > 0),
  outcome      text not null check (outcome in ('accepted', 'sent', 'paid', 'failed', 'returned', 'unknown')),
  provider_ref text not null default '',
  code         text not null default '',
  detail       text not null default '',
  at           timestamptz not null default clock_timestamp(),
  primary key (ledger_id, payout_id, attempt_no, seq),
  foreign key (ledger_id, payout_id, attempt_no) references payout_attempt
);
create index answer_by_reference on payout_answer (ledger_id, provider_ref) where provider_ref <> '';

-- ── What is checked ─────────────────────────────────────────────────────────────────────────────────────────────

-- A payout and its lines come in one statement. The lines come to the payout; each is the seller's own, on its available
-- balance, of that amount, and none is an entry of a payout itself.
create function check_payout_lines() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  bad record;
begin
  select t.payout_id, t.total, p.amount_minor into bad
    from (select n.ledger_id, n.payout_id, sum(n.amount_minor) as total from new_line n group by 1, 2) t
    left join payout p on p.ledger_id = t.ledger_id and p.id = t.payout_id
   where p.amount_minor is distinct from t.total or p.steps > 0 limit 1;
  if found then
    raise exception 'payout % over % minor units cannot get lines over %', bad.payout_id, bad.amount_minor, bad.total
      using errcode = 'check_violation', constraint = 'payout_is_its_lines';
  end if;
  -- Read in the order of the journal, so that each page of it is asked for once.
  select n.payout_id, n.entry_id, n.line_no into bad
    from (select * from new_line order by ledger_id, entry_id, line_no) n
    join payout p on p.ledger_id = n.ledger_id and p.id = n.payout_id
    left join line l on l.ledger_id = n.ledger_id and l.entry_id = n.entry_id and l.line_no = n.line_no
    left join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
   where (l.party, l.currency, l.amount_minor, a.role)
         is distinct from (p.party, p.currency, -n.amount_minor, 'seller_available')
      or l.item like 'payout:%' or not n.alive limit 1;
  if found then
    raise exception 'line % of entry % is not what payout % could pay', bad.line_no, bad.entry_id, bad.payout_id
      using errcode = 'check_violation', constraint = 'line_is_the_sellers_own';
  end if;
  return null;
end $$;
create trigger lines_hold after insert on payout_line referencing new table as new_line
  for each statement execute function check_payout_lines();

create function check_payouts() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  bad record;
begin
  -- That those there are come to the amount was found by the check of the lines.
  select n.id, n.amount_minor into bad
    from new_payout n
   where n.state <> 'draft' or n.steps <> 0
      or not exists (select from payout_line l where l.ledger_id = n.ledger_id and l.payout_id = n.id) limit 1;
  if found then
    raise exception 'payout % over % minor units has no lines', bad.id, bad.amount_minor
      using errcode = 'check_violation', constraint = 'payout_is_its_lines';
  end if;
  return null;
end $$;
create trigger payouts_hold after insert on payout referencing new table as new_payout
  for each statement execute function check_payouts();

-- A payout goes from where it is, one step after the other; what needs approval has it; and where a step ends its life
-- or begins it anew, its lines are free again, or taken back if nobody else has them.
create function check_payout_history() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  bad record;
begin
  perform 1 from payout p join (select distinct n.ledger_id, n.payout_id from new_step n) m
      on m.ledger_id = p.ledger_id and m.payout_id = p.id order by p.ledger_id, p.id for update of p;
  select s.payout_id, s.state, s.from_state, s.to_state into bad
    from (select n.payout_id, n.seq, n.from_state, n.to_state, p.state, p.steps,
                 lag(n.to_state) over w as before, row_number() over w as place
            from new_step n left join payout p on p.ledger_id = n.ledger_id and p.id = n.payout_id
          window w as (partition by n.ledger_id, n.payout_id order by n.seq)) s
   where s.seq is distinct from s.steps + s.place or s.from_state is distinct from coalesce(s.before, s.state) limit 1;
  if found then
    raise exception 'payout % is %, and cannot go from % to %', bad.payout_id, bad.state, bad.from_state, bad.to_state
      using errcode = 'check_violation', constraint = 'payout_goes_from_where_it_is';
  end if;
  select n.payout_id, p.approvals_needed into bad
    from new_step n join payout p on p.ledger_id = n.ledger_id and p.id = n.payout_id
   where n.to_state = 'approved' and p.approvals_needed > 0
     and p.approvals_needed > (select count(*) from payout_approval a
                                where a.ledger_id = n.ledger_id and a.payout_id = n.payout_id) limit 1;
  if found then
    raise exception 'payout % needs % approvals', bad.payout_id, bad.approvals_needed
      using errcode = 'check_violation', constraint = 'payout_is_approved';
  end if;
  update payout p
     set state = m.states[cardinality(m.states)], steps = p.steps + cardinality(m.states), changed_at = clock_timestamp()
    from (select n.ledger_id, n.payout_id, array_agg(n.to_state order by n.seq) as states
            from new_step n group by 1, 2) m
   where p.ledger_id = m.ledger_id and p.id = m.payout_id;
  if exists (select from new_step n where not payout_lives(n.to_state)) then
    with freed as (
      update payout_line l set alive = false
        from (select distinct n.ledger_id, n.payout_id from new_step n) m
        join payout p on p.ledger_id = m.ledger_id and p.id = m.payout_id and not payout_lives(p.state)
       where l.ledger_id = m.ledger_id and l.payout_id = m.payout_id and l.alive
      returning l.ledger_id, l.payout_id, l.entry_id, l.line_no, l.amount_minor)
    insert into payable_line (ledger_id, party, currency, entry_id, line_no, amount_minor)
    select f.ledger_id, p.party, p.currency, f.entry_id, f.line_no, f.amount_minor
      from freed f join payout p on p.ledger_id = f.ledger_id and p.id = f.payout_id
    on conflict do nothing;
  end if;
  if exists (select from new_step n where payout_lives(n.to_state) and not payout_lives(n.from_state)) then
    with taken as (
      update payout_line l set alive = true
        from (select distinct n.ledger_id, n.payout_id from new_step n) m
        join payout p on p.ledger_id = m.ledger_id and p.id = m.payout_id and payout_lives(p.state)
       where l.ledger_id = m.ledger_id and l.payout_id = m.payout_id and not l.alive
      returning l.ledger_id, l.payout_id, l.entry_id, l.line_no)
    delete from payable_line o using taken t, payout p
     where p.ledger_id = t.ledger_id and p.id = t.payout_id and o.ledger_id = t.ledger_id and o.party = p.party
       and o.currency = p.currency and o.entry_id = t.entry_id and o.line_no = t.line_no;
  end if;
  return null;
end $$;
create trigger history_holds after insert on payout_history referencing new table as new_step
  for each statement execute function check_payout_history();

-- What a payout is does not change; where it stands is moved by its history alone.
create function payout_stays_itself() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() < 2 or to_jsonb(new) - '{state,steps,changed_at}'::text[]
                              <> to_jsonb(old) - '{state,steps,changed_at}'::text[] then
    raise exception 'payout % is moved by its history and by nothing else', old.id
      using errcode = 'restrict_violation', constraint = 'payout_stays_itself';
  end if;
  return new;
end $$;
create trigger payout_stays_itself before update on payout for each row execute function payout_stays_itself();
create function payout_line_stays_itself() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() < 2 or (new.ledger_id, new.payout_id, new.entry_id, new.line_no, new.amount_minor)
                            is distinct from (old.ledger_id, old.payout_id, old.entry_id, old.line_no, old.amount_minor)
  then
    raise exception 'the lines of payout % are what they are', old.payout_id
      using errcode = 'restrict_violation', constraint = 'payout_stays_itself';
  end if;
  return new;
end $$;
create trigger payout_line_stays_itself before update on payout_line
  for each row execute function payout_line_stays_itself();

create function check_payout_approval() returns trigger language plpgsql as $$
declare
  p record;
begin
  select made_by, state into p from payout where ledger_id = new.ledger_id and id = new.payout_id;
  if p.made_by = new.person then
    raise exception 'payout % was made by %, who does not approve it', new.payout_id, new.person
      using errcode = 'check_violation', constraint = 'maker_is_not_checker';
  end if;
  if p.state not in ('pending_approval', 'held') then
    raise exception 'payout % is %, and waits for no approval', new.payout_id, p.state
      using errcode = 'check_violation', constraint = 'payout_waits_for_approval';
  end if;
  return new;
end $$;
create trigger approval_holds before insert on payout_approval for each row execute function check_payout_approval();

create trigger payout_is_kept before delete or truncate on payout
  for each statement execute function refuse_change();
create trigger payout_line_is_kept before delete or truncate on payout_line
  for each statement execute function refuse_change();
create trigger policy_is_kept before update or delete or truncate on payout_policy
  for each statement execute function refuse_change();
create trigger run_is_kept before update or delete or truncate on payout_run
  for each statement execute function refuse_change();
create trigger decision_is_kept before update or delete or truncate on payout_decision
  for each statement execute function refuse_change();
create trigger history_is_kept before update or delete or truncate on payout_history
  for each statement execute function refuse_change();
create trigger approval_is_kept before update or delete or truncate on payout_approval
  for each statement execute function refuse_change();
create trigger file_is_kept before update or delete or truncate on payment_file
  for each statement execute function refuse_change();
create trigger export_is_kept before update or delete or truncate on payment_file_export
  for each statement execute function refuse_change();
create trigger attempt_is_kept before update or delete or truncate on payout_attempt
  for each statement execute function refuse_change();
create trigger answer_is_kept before update or delete or truncate on payout_answer
  for each statement execute function refuse_change();

-- What was given to the bank for sellers is a list of named open items like every clearing account. Nothing was booked
-- to it before there were payouts.
alter table account disable trigger account_stays_itself;
update account set clearing = true where role = 'seller_in_transit';
alter table account enable trigger account_stays_itself;
