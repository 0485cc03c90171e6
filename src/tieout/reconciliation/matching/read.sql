-- name: typed
-- Rows as the passes want them: whole minor units, days, references by letters and digits only. What has no usable
-- value is null, and is named to the user by whoever reads the row again.
with told as (
  select n, id, trim(currency) as shown, upper(trim(currency)) as ccy, squash(reference) as ref, squash(batch) as batch,
         {{day}} as day, {{amount}} as scaled
    from {{raw}}),
sized as (
  select *, case {{divisors}} end as divisor from told)
select n, id, day, ccy, ref, batch,
       case when scaled % divisor = 0 and abs(scaled // divisor) <= 9223372036854775807
            then cast(scaled // divisor as bigint) end as amount
  from sized;

-- name: first_wrong
select min(n) from {{typed}}
 where day is null or amount is null or id is null or trim(id) = '';

-- name: raw_row
select id, date, amount, currency, reference, batch, description from {{raw}} where n = {{n}};

-- name: counted
select count(*), count(distinct hash(id)) from {{typed}};

-- name: repeated
-- Rows whose id came before, or came with other content: `kept` is the row that takes part, if any does.
with twice as (
  select id, min(n) as first_n, count(*) as copies from {{typed}} group by id having count(*) > 1),
copy as (
  select x.n, x.id, x.day, x.amount, x.ccy, w.reference, w.batch, w.description, t.first_n
    from {{typed}} x join twice t on t.id = x.id join {{raw}} w on w.n = x.n),
alike as (
  select id, count(*) as contents from (
    select distinct id, day, amount, ccy, reference, batch, description from copy) as content group by id)
select c.n, c.id, c.first_n, case when a.contents = 1 then 'duplicate' else 'id_conflict' end as reason
  from copy c join alike a on a.id = c.id
 where a.contents > 1 or c.n <> c.first_n;

-- name: without
select x.* from {{rows}} x left join {{gone}} g on g.n = x.n where g.n is null;
