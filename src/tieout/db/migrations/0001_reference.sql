-- Reference data: who keeps books, who tells of money, which accounts there are, what currencies are worth.

-- Append-only tables refuse to be changed, whoever asks.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on %: what is recorded is not changed; record a correction', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$;

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
create trigger rate_is_kept before update or delete or truncate on fx_rate
  for each statement execute function refuse_change();

-- Lines, deliveries and hashes name these for ever: a name may be mended, what a thing is may not.
create function refuse_other_nature() returns trigger language plpgsql as $$
declare
  same boolean;
begin
  if tg_table_name = 'ledger' then
    same := (new.id, new.base_currency) = (old.id, old.base_currency);
  elsif tg_table_name = 'source' then
    same := (new.ledger_id, new.id, new.name, new.connector) = (old.ledger_id, old.id, old.name, old.connector);
  else
    same := (new.ledger_id, new.id, new.code, new.type, new.clearing, new.currency, new.source)
      is not distinct from (old.ledger_id, old.id, old.code, old.type, old.clearing, old.currency, old.source);
  end if;
  if not same then
    raise exception '% % is not turned into another; open a new one', tg_table_name, old.id
      using errcode = 'restrict_violation', constraint = 'it_stays_itself';
  end if;
  return new;
end $$;
create trigger ledger_stays_itself before update on ledger for each row execute function refuse_other_nature();
create trigger source_stays_itself before update on source for each row execute function refuse_other_nature();
create trigger account_stays_itself before update on account for each row execute function refuse_other_nature();
create trigger ledger_is_kept before delete or truncate on ledger for each statement execute function refuse_change();
create trigger source_is_kept before delete or truncate on source for each statement execute function refuse_change();
create trigger account_is_kept before delete or truncate on account for each statement execute function refuse_change();
