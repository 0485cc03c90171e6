-- Balances as of any day, as known at any time. The tables of 0004 had neither base currency nor the day of recording;
-- they are projections, so they are dropped and derived anew.
drop table day_delta;
drop table period_balance;

-- How far the projections follow the journal: exactly the entries that this snapshot sees. Unlike a horizon, it does
-- not wait for other writers of the server; those under way are named in it and are fed when they are done. Numbers of
-- units of work start again when a dump is restored elsewhere: entries up to `restored_entry` have numbers of before.
create table roll_up_cursor (
  ledger_id      int primary key references ledger,
  upto           pg_snapshot not null,
  restored_entry bigint not null default 0
);

-- What moved on an account on a day in the books, by the day it was recorded (UTC). With facet '' it is all that moved;
-- with 'party', or 'dimension:NAME', it is what moved with that party or dimension of that value.
create table day_delta (
  ledger_id         int not null,
  facet             text not null collate "C",
  value             text not null collate "C",
  account_id        int not null,
  currency          char(3) not null,
  layer             smallint not null,
  effective_date    date not null,
  recorded_on       date not null,
  debit_minor       numeric(38) not null,
  credit_minor      numeric(38) not null,
  base_debit_minor  numeric(38) not null,
  base_credit_minor numeric(38) not null,
  n                 bigint not null,
  primary key (ledger_id, facet, value, account_id, currency, layer, effective_date, recorded_on)
) with (fillfactor = 85);
create index day_delta_by_day on day_delta (ledger_id, effective_date) where facet = '';

-- Sums of all days up to and including the last of a closed period, so that nobody adds up years. The roll-up keeps
-- them right if an earlier day moves all the same; `recorded_upto` is the last day on which anything in them was.
create table balance_checkpoint (
  ledger_id     int not null references ledger,
  last_day      date not null,
  recorded_upto date not null,
  primary key (ledger_id, last_day)
);
create table period_balance (
  ledger_id         int not null,
  last_day          date not null,
  account_id        int not null,
  currency          char(3) not null,
  layer             smallint not null,
  debit_minor       numeric(38) not null,
  credit_minor      numeric(38) not null,
  base_debit_minor  numeric(38) not null,
  base_credit_minor numeric(38) not null,
  n                 bigint not null,
  primary key (ledger_id, last_day, account_id, currency, layer),
  foreign key (ledger_id, last_day) references balance_checkpoint on delete cascade
);

-- A name or value as it stands in day_delta: one longer than an index takes stands there by its hash. Not strict, so
-- that it is expanded where it is called.
create function facet_key(words text) returns text language sql immutable parallel safe as $$
  select case when octet_length(words) <= 500 then words else 'sha256:' || encode(sha256(convert_to(words, 'UTF8')), 'hex') end;
$$;
