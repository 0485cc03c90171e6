-- People, keys, sessions and the audit log.

create table person (
  ledger_id     int not null references ledger,
  name          text not null,
  password_hash text not null,                   -- argon2id
  created_at    timestamptz not null default now(),
  primary key (ledger_id, name)
);

create table api_key (
  ledger_id  int not null references ledger,
  name       text not null,
  key_hash   bytea not null unique,              -- sha-256 of 256 random bits; nothing to stretch
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (ledger_id, name)
);

create table login_session (
  ledger_id  int not null references ledger,
  token_hash bytea not null primary key,
  person     text not null,
  expires_at timestamptz not null
);

create table audit_log (
  ledger_id int not null,
  id        bigint generated always as identity primary key,
  at        timestamptz not null default clock_timestamp(),
  actor     text not null,
  action    text not null,
  subject   text not null,
  detail    text not null default ''
);
create trigger audit_is_kept before update or delete or truncate on audit_log
  for each statement execute function refuse_change();
