-- Raw deliveries, kept for ever as received; the permanent key beside them; the work they cause.

create table delivery (
  ledger_id      int not null,
  id             bigint generated always as identity,
  source_id      int not null,
  channel        text not null,
  topic          text not null,
  identity       text not null,
  headers        jsonb not null,
  parameters     jsonb not null,
  body           bytea not null,
  body_sha256    bytea not null check (octet_length(body_sha256) = 32),
  verdict        text not null check (verdict in ('accepted', 'repeated', 'rejected')),
  verdict_reason text not null default '',
  received_at    timestamptz not null,
  primary key (ledger_id, id, received_at)
) partition by range (received_at);

create index delivery_by_source on delivery (ledger_id, source_id, id);

-- The permanent key cannot live on a partitioned table, whose unique keys must contain the month.
create table delivery_key (
  ledger_id   int not null,
  source_id   int not null,
  identity    text not null,
  delivery_id bigint not null,
  body_sha256 bytea not null,
  primary key (ledger_id, source_id, identity)
);

create table work_item (
  ledger_id   int not null,
  id          bigint generated always as identity,
  flow        text not null,
  delivery_id bigint not null,
  lane        smallint not null default 1,
  state       text not null default 'ready' check (state in ('ready', 'done', 'quarantined')),
  attempts    int not null default 0,
  crashes     int not null default 0,
  next_at     timestamptz not null default now(),
  rank_at     timestamptz not null,            -- received_at + lane * 15 minutes: lanes age
  last_error  text,
  primary key (ledger_id, id),
  unique (ledger_id, flow, delivery_id)
);
create index work_ready on work_item (rank_at, id) where state = 'ready';

create function delivery_month(day timestamptz) returns void language plpgsql as $$
declare
  first date := date_trunc('month', day at time zone 'UTC')::date;
  name text := 'delivery_' || to_char(first, 'YYYYMM');
begin
  if to_regclass(name) is null then
    perform pg_advisory_xact_lock(hashtext('delivery_month'));
    execute format('create table if not exists %I partition of delivery for values from (%L) to (%L)',
                   name, first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
    -- A month inherits the row triggers of the whole table, but not the one against emptying it.
    execute format('create or replace trigger delivery_is_not_emptied before truncate on %I'
                   ' for each statement execute function refuse_change()', name);
  end if;
end $$;

create trigger delivery_is_kept before update or delete on delivery
  for each row execute function refuse_change();
create trigger delivery_is_not_emptied before truncate on delivery
  for each statement execute function refuse_change();
create trigger delivery_key_is_kept before update or delete on delivery_key
  for each row execute function refuse_change();
create trigger delivery_key_is_not_emptied before truncate on delivery_key
  for each statement execute function refuse_change();
