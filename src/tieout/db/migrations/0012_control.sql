-- What is under control: which days of which area take entries, and from whom; which accounts take which lines and
-- must not be overdrawn; and what an entry corrects.

-- ── Accounts ────────────────────────────────────────────────────────────────────────────────────────────────────

alter table account
  add column area            smallint not null default 0 check (area between 0 and 4),  -- as of a period; 0: in none
  add column currencies      text[] check (cardinality(currencies) > 0),                -- null: any currency
  add column needs           text[] not null default '{}',                              -- dimensions each line must have
  add column takes           text[] check (takes @> needs),                             -- those it may have; null: any
  add column guard_per_party boolean not null default false,
  add check (closed_on >= opened_on);
update account set currencies = array[currency::text] where currency is not null;
update account set area = case
  when role in ('order_receivable', 'gift_card_liability', 'store_credit_liability', 'tips_payable', 'deferred_revenue',
                'sales', 'recurring_revenue', 'shipping_income', 'fee_income', 'commission_income', 'seller_fees',
                'discounts', 'platform_discounts', 'goodwill', 'returns') then 1
  when role in ('gateway_fees', 'dispute_fees', 'bank_charges') then 2
  when role in ('tax_payable', 'facilitator_tax', 'duties_payable', 'fee_tax_payable', 'input_tax') then 3
  when role = 'bank' then 4
  else 0 end;
-- Most accounts take any line; whether there are others must be known at once, whenever something is posted.
alter table account add column picky boolean not null
  generated always as (currencies is not null or needs <> '{}' or takes is not null or guard <> 'none') stored;
create index account_picky on account (ledger_id) where picky;

-- The classes of a chart: headings over accounts and over other classes; nothing is posted to them.
create table account_class (
  ledger_id int not null references ledger,
  code      text not null,
  name      text not null,
  type      text not null check (type in ('asset', 'liability', 'equity', 'income', 'expense')),
  parent    text,
  primary key (ledger_id, code)
);
-- Every account with everything above it, itself included: the sum over an `ancestor` is the sum of its subtree.
create view account_tree as
  with recursive up as (
    select ledger_id, id as account_id, code, code as ancestor, parent, 0 as depth from account
    union all
    select up.ledger_id, up.account_id, up.code, above.code, above.parent, up.depth + 1
      from up
      join (select ledger_id, code, parent from account_class
            union all select ledger_id, code, parent from account) above
        on above.ledger_id = up.ledger_id and above.code = up.parent
     where up.depth < 20)
  select ledger_id, account_id, code, ancestor, depth from up;

-- How far a guarded account, or a party on it, may be overdrawn in a currency; nothing said, not at all. A party's own
-- limit goes before that of party '', which is everybody's.
create table guard_limit (
  ledger_id   int not null,
  account_id  int not null,
  currency    char(3) not null,
  party       text not null default '',
  limit_minor bigint not null check (limit_minor >= 0),
  primary key (ledger_id, account_id, currency, party),
  foreign key (ledger_id, account_id) references account
);
-- The balance of guarded accounts, kept as entries are posted: the row is what two posters wait for each other at.
-- A projection of the lines; nobody else's posting touches it.
create table guard_balance (
  ledger_id     int not null,
  account_id    int not null,
  currency      char(3) not null,
  party         text not null,
  balance_minor numeric(38) not null,
  primary key (ledger_id, account_id, currency, party)
) with (fillfactor = 70);

-- ── Periods ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- Leave for one person to post into a soft-closed period. It ends when it expires, or when the period is closed anew.
create table period_allowance (
  ledger_id  int not null,
  id         int generated always as identity,
  period_id  int not null,
  person     text not null check (person ~ '\S'),
  reason     text not null check (reason ~ '\S'),
  granted_by text not null,
  granted_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null check (expires_at > granted_at and isfinite(expires_at)),
  primary key (ledger_id, id),
  foreign key (ledger_id, period_id) references period
);
create index allowance_of_period on period_allowance (ledger_id, period_id);
create trigger allowance_is_kept before update or delete or truncate on period_allowance
  for each statement execute function refuse_change();

-- ── What is checked when lines come ─────────────────────────────────────────────────────────────────────────────

-- Three questions, each asked only if there is reason to: is the day open in every area the entry touches, does each
-- account take the line, does a guarded account hold. Books without closed days and picky accounts pay for looking
-- that up, once a statement; others for reading what came in once more, by account and day. Only what is in doubt is
-- asked line by line.
drop trigger periods_hold on line;
drop function check_periods();
create function check_admission() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  span record;
  bad record;
begin
  for span in select l.ledger_id, min(l.effective_date) as first, max(l.effective_date) as last
                from new_line l group by l.ledger_id loop
    perform share_books(span.ledger_id);
    if exists (select from period p where p.ledger_id = span.ledger_id and p.state <> 'open'
                and p.first_day <= span.last and p.last_day >= span.first)
       and exists (select from (select distinct l.account_id, l.effective_date from new_line l
                                 where l.ledger_id = span.ledger_id) t
                     join account a on a.ledger_id = span.ledger_id and a.id = t.account_id
                     join period p on p.ledger_id = span.ledger_id and p.state <> 'open' and p.area in (0, a.area)
                                  and t.effective_date between p.first_day and p.last_day) then
      select l.entry_id, l.effective_date, a.code, p.area, p.state, p.first_day, p.last_day into bad
        from new_line l
        join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
        join entry e on e.ledger_id = l.ledger_id and e.id = l.entry_id
        join period p on p.ledger_id = l.ledger_id and p.state <> 'open' and p.area in (0, a.area)
                     and l.effective_date between p.first_day and p.last_day
       where l.ledger_id = span.ledger_id
         and (p.state = 'hard' or not exists (
              select from period_allowance x
               where x.ledger_id = p.ledger_id and x.period_id = p.id and x.person = e.actor
                 and x.granted_at >= p.changed_at and x.expires_at > clock_timestamp()))
       order by l.entry_id, l.line_no, p.area limit 1;
      if found then
        raise exception 'entry %: % lies in a closed period', bad.entry_id, bad.effective_date
          using errcode = 'check_violation', constraint = 'period_is_open', detail = to_jsonb(bad)::text;
      end if;
    end if;
    if exists (select from account a where a.ledger_id = span.ledger_id and a.picky)
       and exists (select from (select distinct l.account_id from new_line l where l.ledger_id = span.ledger_id) t
                     join account a on a.ledger_id = span.ledger_id and a.id = t.account_id and a.picky) then
      select l.entry_id, a.code, l.currency, a.currencies, a.needs, a.takes into bad
        from new_line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.picky
       where l.ledger_id = span.ledger_id
         and (l.currency <> all (a.currencies) or not coalesce(l.dim, '{}') ?& a.needs
              or exists (select from jsonb_object_keys(l.dim) as name where name <> all (a.takes)))
       order by l.entry_id, l.line_no limit 1;
      if found then
        raise exception 'entry %: account % does not take a line in % with these dimensions',
          bad.entry_id, bad.code, bad.currency
          using errcode = 'check_violation', constraint = 'account_takes_line', detail = to_jsonb(bad)::text;
      end if;
      -- The rows are locked in the order of their key, so that two posters wait for each other instead of for ever.
      with moved as (
        select l.account_id, l.currency, case when a.guard_per_party then coalesce(l.party, '') else '' end as party,
               a.code, a.guard, sum(l.amount_minor) as amount, max(l.entry_id) as entry_id
          from new_line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id and a.guard <> 'none'
         where l.ledger_id = span.ledger_id group by 1, 2, 3, 4, 5 order by 1, 2, 3),
      stands as (
        insert into guard_balance as b (ledger_id, account_id, currency, party, balance_minor)
        select span.ledger_id, m.account_id, m.currency, m.party, m.amount from moved m order by 2, 3, 4
        on conflict (ledger_id, account_id, currency, party)
          do update set balance_minor = b.balance_minor + excluded.balance_minor
        returning b.account_id, b.currency, b.party, b.balance_minor)
      select m.entry_id, m.code, m.currency, m.party, m.guard, m.amount, s.balance_minor,
             coalesce(own.limit_minor, everybody.limit_minor, 0) as limit_minor into bad
        from moved m join stands s using (account_id, currency, party)
        left join guard_limit own on own.ledger_id = span.ledger_id and own.account_id = m.account_id
                                 and own.currency = m.currency and own.party = m.party
        left join guard_limit everybody on everybody.ledger_id = span.ledger_id
             and everybody.account_id = m.account_id and everybody.currency = m.currency and everybody.party = ''
       where sign(m.amount) = case m.guard when 'no_debit_balance' then 1 else -1 end
         and s.balance_minor * sign(m.amount) > coalesce(own.limit_minor, everybody.limit_minor, 0)
       order by m.account_id, m.currency, m.party limit 1;
      if found then
        raise exception 'entry %: account % would be overdrawn', bad.entry_id, bad.code
          using errcode = 'check_violation', constraint = 'guard_holds', detail = to_jsonb(bad)::text;
      end if;
    end if;
  end loop;
  return null;
end $$;
-- Triggers of one kind come in the order of their names: whether a line holds (lines_hold) is asked before.
create trigger lines_may_come after insert on line referencing new table as new_line
  for each statement execute function check_admission();

-- ── Corrections ─────────────────────────────────────────────────────────────────────────────────────────────────

-- What an entry has to do with an earlier one, beside `entry.reverses_id`, which takes all of it back: it takes a part
-- of it back, or it replaces it.
create table entry_link (
  ledger_id   int not null,
  entry_id    bigint not null,
  kind        text not null check (kind in ('reverses_part', 'replaces')),
  of_entry_id bigint not null,
  primary key (ledger_id, entry_id, kind),
  foreign key (ledger_id, entry_id) references entry,
  foreign key (ledger_id, of_entry_id) references entry,
  check (of_entry_id < entry_id)
);
create index entry_link_back on entry_link (ledger_id, of_entry_id);
create unique index replaced_once on entry_link (ledger_id, of_entry_id) where kind = 'replaces';
create trigger link_is_kept before update or delete or truncate on entry_link
  for each statement execute function refuse_change();

-- Those who correct one entry do it one after the other.
create function take_entry(ledger_id int, entry_id bigint) returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended('correcting ' || entry_id, ledger_id));
$$;

-- What of an entry has not been taken back, by what makes a line that line; `side` is 1 where the entry debited.
create function entry_left(of_ledger int, of_entry bigint)
  returns table (account_id int, currency char(3), layer smallint, party text, item text, dim jsonb, side int,
                 booked_minor numeric, booked_base numeric, left_minor numeric, left_base numeric)
  language sql stable as $$
  with part as (
    select of_entry as id, 1 as sense
    union all select k.entry_id, -1 from entry_link k
     where k.ledger_id = of_ledger and k.of_entry_id = of_entry and k.kind = 'reverses_part'
    union all select e.id, -1 from entry e where e.ledger_id = of_ledger and e.reverses_id = of_entry)
  select l.account_id, l.currency, l.layer, l.party, l.item, l.dim,
         part.sense * sign(case when l.amount_minor <> 0 then l.amount_minor else l.base_minor end)::int,
         coalesce(sum(l.amount_minor) filter (where part.sense = 1), 0),
         coalesce(sum(l.base_minor) filter (where part.sense = 1), 0), sum(l.amount_minor), sum(l.base_minor)
    from part join line l on l.ledger_id = of_ledger and l.entry_id = part.id
   group by 1, 2, 3, 4, 5, 6, 7;
$$;

create function check_link() returns trigger language plpgsql as $$
begin
  perform take_entry(new.ledger_id, new.of_entry_id);
  if not exists (select from entry e where e.ledger_id = new.ledger_id and e.id = new.entry_id
                  and e.txid = pg_current_xact_id() and e.reverses_id is null) then
    raise exception 'entry % says later, or twice, what it corrects', new.entry_id
      using errcode = 'check_violation', constraint = 'link_comes_with_its_entry';
  end if;
  if new.kind = 'reverses_part' and exists (
      select from entry_left(new.ledger_id, new.of_entry_id) r
       where r.left_minor * r.side < 0 or r.left_minor * r.side > r.booked_minor * r.side
          or r.left_base * sign(r.booked_base) < 0 or abs(r.left_base) > abs(r.booked_base)
          or (r.booked_minor = 0 and r.booked_base = 0)) then
    raise exception 'entry % takes more back than entry % booked', new.entry_id, new.of_entry_id
      using errcode = 'check_violation', constraint = 'part_is_within';
  end if;
  if new.kind = 'replaces' and exists (
      select from entry_left(new.ledger_id, new.of_entry_id) r where r.left_minor <> 0 or r.left_base <> 0) then
    raise exception 'entry % replaces entry %, which has not been taken back', new.entry_id, new.of_entry_id
      using errcode = 'check_violation', constraint = 'replaced_is_taken_back';
  end if;
  return new;
end $$;
create trigger link_holds after insert on entry_link for each row execute function check_link();

-- What was taken back in part is not taken back whole as well.
create function check_reversal() returns trigger language plpgsql as $$
begin
  perform take_entry(new.ledger_id, new.reverses_id);
  if exists (select from entry_link k where k.ledger_id = new.ledger_id and k.of_entry_id = new.reverses_id
              and k.kind = 'reverses_part') then
    raise exception 'a part of entry % has been taken back already', new.reverses_id
      using errcode = 'check_violation', constraint = 'part_or_whole';
  end if;
  return new;
end $$;
create trigger reversal_is_whole before insert on entry for each row when (new.reverses_id is not null)
  execute function check_reversal();
