-- What sellers are told: what each entry of settlement is made of for them, and who of them may look.

-- The rows of a sale, refund or lost dispute, for each seller and each thing a rule or report looks at. They come to what
-- the entry of that key books on the seller's buckets; credit positive. Written with the entry, never changed.
create table split_row (
  ledger_id int not null references ledger,
  key       text not null,                       -- the entry's
  party     text not null,
  category  text not null default '',
  channel   text not null default '',
  region    text not null default '',
  amounts   jsonb not null,                      -- row -> minor units: settlement/statement.py, rows_of
  primary key (ledger_id, key, party, category, channel, region)
);
create index split_by_party on split_row (ledger_id, party);
create trigger split_is_kept before update or delete or truncate on split_row
  for each statement execute function refuse_change();

-- A seller's own lines, a month or a year of them, without reading everybody's.
create index line_by_party on line (ledger_id, party, effective_date, entry_id) where party is not null;
-- The lines that are cut off keep it, and those that come get it.
do $do$
declare
  before text := pg_get_functiondef('cut_lines'::regproc);
  after text := replace(replace(before,
    'alter index line_by_account rename to line_1_by_account;',
    'alter index line_by_account rename to line_1_by_account;
    alter index line_by_party rename to line_1_by_party;'),
    'include (amount_minor);',
    'include (amount_minor);
    create index line_by_party on line (ledger_id, party, effective_date, entry_id) where party is not null;');
begin
  assert length(after) > length(before) + 150, 'cut_lines is not the procedure this was written for';
  execute after;
end $do$;

-- Whoever logs in for a seller sees that seller's books and nothing else, ever: it is not turned into somebody who may.
alter table person add column party text check (party <> '');
create function person_stays_theirs() returns trigger language plpgsql as $$
begin
  if new.party is distinct from old.party then
    raise exception '% logs in for another; remove them and begin anew', old.name
      using errcode = 'restrict_violation', constraint = 'person_stays_theirs';
  end if;
  return new;
end $$;
create trigger person_stays_theirs before update on person for each row execute function person_stays_theirs();
