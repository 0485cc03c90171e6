-- What open items and their allocations are worth in base currency, so that what a match ties at two rates leaves
-- nothing behind; and how a ledger comes by its exchange rates.

-- The base amount of a part of an item: in proportion, rounded half away from zero. Of the whole it is the whole.
create function base_share(base_minor bigint, part_minor numeric, whole_minor bigint) returns numeric
  language sql immutable parallel safe as $$
  select case when base_minor = whole_minor then part_minor
              else sign(base_minor::numeric) * sign(part_minor) * sign(whole_minor::numeric)
                   * div(2 * abs(base_minor::numeric * part_minor) + abs(whole_minor::numeric), 2 * abs(whole_minor::numeric))
         end;
$$;

alter table open_item add column base_minor bigint;
update open_item i
   set base_minor = (select sum(l.base_minor) from line l
                      where l.ledger_id = i.ledger_id and l.entry_id = i.entry_id and l.account_id = i.account_id
                        and l.currency = i.currency and coalesce(l.item, 'entry:' || l.entry_id) = i.item);
alter table open_item alter column base_minor set not null;

-- Parts of an item are worth what the item is worth up to and with them, less what came before: so they add up.
alter table allocation add column base_minor bigint;
alter table allocation disable trigger allocation_is_kept;
update allocation a set base_minor = s.upto - s.before
  from (select ledger_id, match_id, item_id, upto,
               coalesce(lag(upto) over (partition by ledger_id, item_id order by match_id), 0) as before
          from (select a.ledger_id, a.match_id, a.item_id,
                       base_share(i.base_minor, sum(a.amount_minor) over (
                         partition by a.ledger_id, a.item_id order by a.match_id), i.amount_minor) as upto
                  from allocation a join open_item i on i.ledger_id = a.ledger_id and i.id = a.item_id) parts) s
 where s.ledger_id = a.ledger_id and s.match_id = a.match_id and s.item_id = a.item_id;
alter table allocation enable trigger allocation_is_kept;
alter table allocation alter column base_minor set not null;

-- What is tied wholly, or not at all, is so in base currency too.
create function check_allocated_base() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$
declare
  bad record;
begin
  select i.id, i.base_minor, sum(a.base_minor) as allocated into bad
    from (select distinct ledger_id, item_id from new_allocation) t
    join open_item i on i.ledger_id = t.ledger_id and i.id = t.item_id
    join allocation a on a.ledger_id = i.ledger_id and a.item_id = i.id
   group by i.ledger_id, i.id, i.amount_minor, i.base_minor
  having (sum(a.amount_minor) = i.amount_minor and sum(a.base_minor) <> i.base_minor)
      or (sum(a.amount_minor) = 0 and sum(a.base_minor) <> 0) limit 1;
  if found then
    raise exception 'item % is worth % minor units of base currency and would be tied by %',
      bad.id, bad.base_minor, bad.allocated
      using errcode = 'check_violation', constraint = 'item_is_tied_in_base';
  end if;
  return null;
end $$;
create trigger allocations_hold_in_base after insert on allocation referencing new table as new_allocation
  for each statement execute function check_allocated_base();

-- Up to which match the exchange differences are in the books. Moved by runs and decisions, one of which has its turn.
create table realised_cursor (
  ledger_id  int primary key references ledger,
  upto_match bigint not null
);

-- Whose rates a ledger is kept at, as units for one unit of the pivot, and what happens while one is missing: the event
-- waits for it, takes the last one known if that is not older than so many days, or becomes a case at once.
alter table ledger
  add column rate_source text not null default 'ecb',
  add column rate_pivot char(3) not null default 'EUR',
  add column rate_missing text not null default 'wait' check (rate_missing in ('wait', 'last_known', 'case')),
  add column rate_age_days int not null default 7 check (rate_age_days between 0 and 31);

-- Charts have an account for what is re-measured; ledgers that are open already get one too.
insert into account (ledger_id, id, code, name, type, role)
select a.ledger_id, max(a.id) + 1, '5930', 'Unrealised exchange differences', 'expense', 'fx_unrealised'
  from account a group by a.ledger_id having not bool_or(a.role = 'fx_unrealised')
on conflict do nothing;
