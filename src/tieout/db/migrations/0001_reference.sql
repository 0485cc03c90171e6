-- Reference data: who keeps books, who tells of money, which accounts there are, what currencies are worth.

create table ledger (
  id            int generated always as identity primary key,
  code          text not null unique,
  name          text not null,
  base_currency char(3) not null,
  timezone      text not null,
  chart         text not null,
  opened_at     timestamptz not null default now()
);

create table source (
  ledger_id int not null references ledger,
  id        int generated always as identity,
  name      text not null,
  connector text not null,
  kind      text not null,
  secrets   text[] not null default '{}',      -- webhook secrets; several during rotation
  settings  jsonb not null default '{}',
  opened_at timestamptz not null default now(),
  primary key (ledger_id, id),
  unique (ledger_id, name)
);

create table account (
  ledger_id int not null references ledger,
  id        int not null,
  code      text not null,
  name      text not null,
  type      text not null check (type in ('asset', 'liability', 'equity', 'income', 'expense')),
  role      text not null,
  clearing  boolean not null default false,
  currency  char(3),                            -- null: any currency
  source    text,                               -- the source or connector the account belongs to
  parent    text,
  guard     text not null default 'none' check (guard in ('none', 'no_debit_balance', 'no_credit_balance')),
  opened_on date not null default date '1900-01-01',
  closed_on date,
  primary key (ledger_id, id),
  unique (ledger_id, code)
);

-- One unit of `base` is `rate` units of `quote` on that day.
create table fx_rate (
  base        char(3) not null,
  quote       char(3) not null,
  day         date not null,
  rate        numeric(20, 10) not null check (rate > 0),
  source      text not null,
  recorded_at timestamptz not null default now(),
  primary key (base, quote, day, source)
);
