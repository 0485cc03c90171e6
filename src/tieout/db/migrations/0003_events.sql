-- Canonical events: one row a fact, for ever; who told of it; what it refers to; where it stands.

create table event (
  ledger_id    int not null,
  id           bigint generated always as identity,
  key          text not null,
  kind         text not null,
  source_id    int not null,
  aggregate    text not null,
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp(),
  content      jsonb not null,
  content_hash bytea not null check (octet_length(content_hash) = 32),
  delivery_id  bigint,
  version      int not null default 1 check (version > 0),  -- a sound telling replaces one that was held
  primary key (ledger_id, id),
  unique (ledger_id, key, version)
);

create table event_reference (
  ledger_id int not null,
  reference text not null,
  event_id  bigint not null,
  primary key (ledger_id, reference, event_id)
);
create index event_reference_by_event on event_reference (ledger_id, event_id);

create table event_telling (
  ledger_id   int not null,
  event_id    bigint not null,
  delivery_id bigint not null,
  outcome     text not null check (outcome in ('first', 'repeated', 'changed')),
  primary key (ledger_id, event_id, delivery_id)
);
create index event_telling_by_delivery on event_telling (ledger_id, delivery_id);

-- What a delivery contained that makes no event, with the reason; so that nothing is dropped without a word.
create table delivery_note (
  ledger_id   int not null,
  delivery_id bigint not null,
  note_no     int not null,
  why         text not null,
  primary key (ledger_id, delivery_id, note_no)
);

-- Where an event stands; the only part that changes.
create table event_state (
  ledger_id  int not null,
  event_id   bigint not null,
  state      text not null check (state in ('posted', 'memo', 'parked', 'held', 'superseded')),
  waits_for  text[] not null default '{}',
  deadline   timestamptz,
  changed_at timestamptz not null default now(),
  primary key (ledger_id, event_id)
);
create index event_parked on event_state using gin (waits_for) where state = 'parked';

create trigger event_is_kept before update or delete or truncate on event
  for each statement execute function refuse_change();
create trigger reference_is_kept before update or delete or truncate on event_reference
  for each statement execute function refuse_change();
create trigger telling_is_kept before update or delete or truncate on event_telling
  for each statement execute function refuse_change();
create trigger note_is_kept before update or delete or truncate on delivery_note
  for each statement execute function refuse_change();
