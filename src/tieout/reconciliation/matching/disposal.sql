-- Says of every row that no pass tied why it is open. `own` is the row's side, `other` the one it was compared with.

-- name: clashes
-- Rows whose key stands on the other side too, still open there: the sums, the currencies or the numbers differ.
select x.n, case when o.ccy = x.ccy then {{rank}} else {{rank}} + 10 end as rank, x.{{key}} as name,
       m.members as own_members, m.total as own_total, o.members as other_members, o.total as other_total,
       o.ccy as other_ccy, coalesce(t.members, 0) as twins
  from {{own}} x
  join {{own_totals}} m on m.ccy = x.ccy and m.name = x.{{key}}
  join {{other_totals}} o on o.name = x.{{key}}
  left join {{other_amounts}} t on t.ccy = x.ccy and t.name = x.{{key}} and t.amount = x.amount;

-- name: amounts
select ccy, {{key}} as name, amount, count(*) as members from {{rows}} where {{key}} <> '' group by ccy, {{key}}, amount;

-- name: has_key
select 1 from {{rows}} where {{key}} <> '' limit 1;

-- name: settled_keys
-- Keys of open rows that other rows, tied by now, have too.
select distinct x.n from {{own}} x join {{other_all}} o on o.{{other_key}} = x.{{key}} and o.ccy = x.ccy
 where x.{{key}} <> '';

-- name: best_clash
select * from (
  select *, row_number() over (partition by n order by rank, other_ccy, name) as choice from {{clashes}} as clash) as c
 where choice = 1;

-- name: cases
-- `expected` is what the left side has of a key, `arrived` what the right side has of it.
with told as (
  select x.n, x.id, x.day, x.amount, x.ccy, x.ref, x.batch, c.rank, c.own_members, c.other_members, c.twins,
         c.other_ccy, {{expected}} as expected, {{arrived}} as arrived, c.other_total, s.n as settled,
         left(coalesce(nullif(trim(w.reference), ''), trim(w.batch)), 60) as shown,
         left(case when c.name = x.ref then trim(w.reference) when c.name = x.batch then trim(w.batch)
                   else coalesce(c.name, '') end, 60) as shared, k.own_times, k.other_times, k.told as others,
         d.due, {{places}} as places
    from {{own}} x
    join {{raw}} w on w.n = x.n
    left join {{clash}} c on c.n = x.n
    left join {{crowd}} k on k.n = x.n
    join {{due}} d on d.day = x.day
    left join {{settled}} s on s.n = x.n),
judged as (
  select *, case
      when rank >= 10 then 'currency_mismatch'
      when rank is not null and twins > 0 and own_members + other_members > 2 then 'twin_ambiguous'
      when rank is not null and {{fees}} and arrived <> expected and abs(arrived) < abs(expected) then 'fee_unexpected'
      when rank is not null and abs(arrived) > abs(expected) then 'amount_over'
      when rank is not null and {{arrived_members}} > 1 and rank = 1 then 'partial'
      when rank is not null then 'amount_under'
      when settled is not null then '{{beside}}'
      when own_times > 1 and own_times <> other_times then 'twin_ambiguous'
      when own_times is not null then 'multiple_candidates'
      when ref = '' and batch = '' and {{keyed}} then 'missing_key'
      when ref <> '' and {{batched}} then 'batch_composition_missing'
      else '{{alone}}' end as reason
    from told),
said as (
  select *, written(amount, places) as amount_text, written(expected, places) as expected_text,
         written(arrived, places) as arrived_text, written(arrived - expected, places) as difference_text,
         day_text(due) as due_text
    from judged)
select n, id, amount, ccy, reason, case
    when reason = 'currency_mismatch' then concat('“', shared, '” stands on the {{other_name}} side too, in ', other_ccy,
      ': ', money(other_total, other_ccy), ' there, ', amount_text, ' ', ccy, ' here.')
    when own_times is not null and rank is null and settled is null then concat('Nothing names a partner, and ',
      own_times, ' here and ', other_times, ' on the {{other_name}} side have this amount',
      case when others is null then '' else concat(' (', others, ')') end,
      ': a reference on both sides would decide it.')
    when reason = 'twin_ambiguous' then concat('“', shared, '”, ', amount_text, ' ', ccy, ': ', own_members,
      ' here and ', other_members, ' on the {{other_name}} side have this reference and amount; nothing tells them apart.')
    when rank is not null then concat('“', shared, '” agrees, the amount does not: ', expected_text, ' expected',
      {{expected_rows}}, ', ', arrived_text, ' arrived', {{arrived_rows}}, '; difference ',
      difference_text, ' ', ccy,
      case when arrived = -expected then ', as the signs are opposite.'
           when arrived = expected * 100 or expected = arrived * 100 then ': one side seems to count in cents.'
           else '.' end)
    when settled is not null then concat('What “', shown, '” names on the {{other_name}} side is tied to other rows;',
      ' this comes on top of it.')
    when reason = 'missing_key' then
      'It has no reference and no batch, and no row of the {{other_name}} side answers to its amount alone.'
    when reason = 'batch_composition_missing' then concat('No row of the {{other_name}} side names “', shown, '” as its batch or reference.')
    else concat(case when due >= {{as_of}} then concat('Timing: due by ', due_text, '. ')
        else concat('Missing: was due by ', due_text, '. ') end,
      case when shown is null then 'No row of the {{other_name}} side answers to it.'
           else concat('No row of the {{other_name}} side names “', shown, '”.') end)
    end as why
  from said;

-- name: repeated
select x.n, x.id, x.amount, x.ccy, g.reason, case when g.reason = 'duplicate'
    then 'The same row was delivered before: same id, same content. That one takes part, this one does not.'
    else 'Rows with this id have different contents; none of them takes part.' end as why
  from {{gone}} g join {{typed}} x on x.n = g.n;

-- name: figures
-- How many rows, the newest day, and whether most rows have a batch, and a key at all.
select t.rows_, t.newest, w.batched * 2 >= t.rows_ and t.rows_ > 0, w.keyed * 2 >= t.rows_ and t.rows_ > 0
  from (select count(*) as rows_, coalesce(max(day), 0) as newest from {{rows}}) as t
 cross join (
   select count(*) filter (where batch <> '') as batched,
          count(*) filter (where reference <> '' or batch <> '') as keyed from {{raw}}) as w;

-- name: told
select {{side}} as side, id, amount, ccy, reason, why from {{cases}};

-- name: distinct_rows
select distinct n from {{rows}} as settled;

-- name: all_rows
select * from {{rows}} as every;

-- name: no_crowd
select cast(0 as bigint) as n, cast(0 as bigint) as own_times, cast(0 as bigint) as other_times, '' as told
 where 1 = 0;

-- name: days
select distinct day from {{rows}} as open_rows;
