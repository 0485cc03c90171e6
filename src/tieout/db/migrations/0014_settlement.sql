-- Settlement: who owns which listing since when, and what the marketplace charges. Versions are added, never changed.

-- What shares come to, in basis points; null for what is no list of shares.
create function shares_total(shares jsonb) returns bigint immutable strict parallel safe language sql as $$
  select sum((share ->> 'basis_points')::int) from jsonb_array_elements(shares) share
$$;

create table ownership (
  ledger_id     int not null references ledger,
  listing       text not null check (listing <> ''),
  version       int not null check (version > 0),
  valid_from    timestamptz not null,
  valid_until   timestamptz,
  shares        jsonb not null,
  fees_borne_by text,
  changed_by    text not null check (changed_by <> ''),
  reason        text not null,
  recorded_at   timestamptz not null default clock_timestamp(),
  primary key (ledger_id, listing, version),
  constraint shares_are_whole check (coalesce(shares_total(shares), 0) = 10000),
  constraint ends_after_it_begins check (valid_until > valid_from)
);
create trigger ownership_is_kept before update or delete or truncate on ownership
  for each statement execute function refuse_change();

-- A version follows the one before it in number and in time: what was sold under that one stays with its owners.
create function check_ownership() returns trigger language plpgsql as $$
begin
  if exists (select from ownership o where o.ledger_id = new.ledger_id and o.listing = new.listing
              and o.version < new.version and o.valid_from >= new.valid_from)
     or new.version <> 1 + (select count(*) from ownership o
                             where o.ledger_id = new.ledger_id and o.listing = new.listing) then
    raise exception 'version % of the ownership of % does not follow the one before it', new.version, new.listing
      using errcode = 'check_violation', constraint = 'versions_follow';
  end if;
  return new;
end $$;
create trigger ownership_follows before insert on ownership for each row execute function check_ownership();

create table fee_rules (
  ledger_id    int not null references ledger,
  version      int not null check (version > 0),
  rules        jsonb not null,
  published_by text not null check (published_by <> ''),
  reason       text not null check (reason <> ''),
  published_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, version)
);
create trigger fee_rules_are_kept before update or delete or truncate on fee_rules
  for each statement execute function refuse_change();
