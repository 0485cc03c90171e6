-- How far the open items follow the journal. Moved only while the books are taken, when no poster is under way;
-- numbers are given to entries after a poster has its share of the books, so none below the cursor is ever missing.
create table item_cursor (
  ledger_id  int primary key references ledger,
  upto_entry bigint not null
);
