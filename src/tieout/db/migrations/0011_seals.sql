-- Seals: blocks over the journal, each with the hash of the one before it. Nothing was ever written to the table of
-- 0004, so it is made anew.
drop table seal_block;

-- A block seals the entries whose numbers of units of work are from `from_xid` up to, not including, `to_xid`, and whose
-- own numbers are above `floor_id`. All of those units of work had ended, so no entry can come into a block later.
-- Numbers of units of work begin anew when a dump is restored on another server. Then one block takes in whatever was
-- not sealed: entries up to `upto_id` that are from `from_xid` or above `after_id`; and what follows is above `upto_id`.
create table seal_block (
  ledger_id     int not null references ledger,
  block_no      bigint not null check (block_no > 0),
  version       smallint not null,
  cluster       text not null,                     -- the server's own number, by which a restored dump is known
  from_xid      xid8 not null,
  to_xid        xid8 not null,
  floor_id      bigint not null,
  after_id      bigint,
  upto_id       bigint,
  n             bigint not null check (n > 0),
  lines         bigint not null check (lines >= 2 * n),
  debits        jsonb not null,                    -- currency -> minor units as text, of this block
  entries_upto  bigint not null,                   -- with all blocks before it
  lines_upto    bigint not null,
  debits_upto   jsonb not null,
  max_id        bigint not null,                   -- the highest entry sealed so far
  accounts_hash bytea not null check (octet_length(accounts_hash) = 32),
  merkle_root   bytea not null check (octet_length(merkle_root) = 32),
  prev_hash     bytea not null check (octet_length(prev_hash) = 32),
  block_hash    bytea not null check (octet_length(block_hash) = 32),
  sealed_at     timestamptz not null,
  primary key (ledger_id, block_no),
  check (from_xid <= to_xid or upto_id is not null),
  check ((after_id is null) = (upto_id is null))
);
create index seal_block_by_xid on seal_block (ledger_id, to_xid);

-- The leaves of a block in their order, some thousands a page: what names the entry that is not what was sealed.
create table seal_page (
  ledger_id int not null,
  block_no  bigint not null,
  page_no   int not null,
  n         int not null check (n > 0),
  first_xid xid8 not null,
  first_id  bigint not null,
  ids       bytea not null check (octet_length(ids) = 8 * n),
  leaves    bytea not null check (octet_length(leaves) = 32 * n),
  primary key (ledger_id, block_no, page_no)
);
alter table seal_page alter column ids set storage external, alter column leaves set storage external;

-- What an account was when something on it was first sealed: its code, type, currency and source stay what they are.
create table seal_account (
  ledger_id   int not null,
  account_id  int not null,
  block_no    bigint not null,
  nature_hash bytea not null check (octet_length(nature_hash) = 32),
  primary key (ledger_id, account_id)
);

-- Which block is the first after a period was closed for good, and carries the hash of its certificate.
create table seal_certificate (
  ledger_id int not null,
  period_id int not null,
  block_no  bigint not null,
  hash      bytea not null check (octet_length(hash) = 32),
  primary key (ledger_id, period_id)
);

-- Where outside the database the head of the chain was written, and what came back.
create table seal_anchor (
  ledger_id   int not null,
  block_no    bigint not null,
  place       text not null,
  receipt     text not null,
  anchored_at timestamptz not null default clock_timestamp(),
  primary key (ledger_id, block_no, place)
);

-- What a period that was closed for good consisted of: nothing in it changes after this.
create table close_certificate (
  ledger_id    int not null,
  period_id    int not null,
  block_no     bigint not null,                    -- the last block when it was closed; 0 before the first
  block_hash   bytea not null,
  entries      bigint not null,
  lines        bigint not null,
  sums         jsonb not null,                     -- [account, currency, debit, credit, base debit, base credit, lines]
  hash         bytea not null check (octet_length(hash) = 32),
  certified_at timestamptz not null,
  primary key (ledger_id, period_id)
);

-- Blocks follow one another without a gap, each on the hash of the one before it.
create function check_block() returns trigger language plpgsql as $$
declare
  last record;
begin
  select b.block_no, b.block_hash into last
    from seal_block b where b.ledger_id = new.ledger_id order by b.block_no desc limit 1;
  if new.block_no <> coalesce(last.block_no, 0) + 1 or new.prev_hash is distinct from
     coalesce(last.block_hash, decode(repeat('00', 32), 'hex')) then
    raise exception 'block % does not follow block %', new.block_no, coalesce(last.block_no, 0)
      using errcode = 'check_violation', constraint = 'blocks_follow';
  end if;
  return new;
end $$;
create trigger block_follows before insert on seal_block for each row execute function check_block();

create trigger seal_is_kept before update or delete or truncate on seal_block
  for each statement execute function refuse_change();
create trigger page_is_kept before update or delete or truncate on seal_page
  for each statement execute function refuse_change();
create trigger seal_account_is_kept before update or delete or truncate on seal_account
  for each statement execute function refuse_change();
create trigger seal_certificate_is_kept before update or delete or truncate on seal_certificate
  for each statement execute function refuse_change();
create trigger anchor_is_kept before update or delete or truncate on seal_anchor
  for each statement execute function refuse_change();
create trigger certificate_is_kept before update or delete or truncate on close_certificate
  for each statement execute function refuse_change();
