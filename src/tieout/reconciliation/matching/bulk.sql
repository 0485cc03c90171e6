-- The mass of a keyed flow, tied without copying it: what is found stays a query over the rows and a few decisions.

-- name: partners
-- Every row of both sides once or, where a reference stands twice on a side, as often as it has a partner.
select l.n as l_n, r.n as r_n, l.id as l_id, r.id as r_id, l.amount as l_amount, r.amount as r_amount,
       coalesce(l.ccy, r.ccy) as ccy, case when l.n is not null and r.n is not null then key_hash(l.ref) end as hashed
  from {{left}} l full outer join {{right}} r on nullif(l.ref, '') = r.ref and l.ccy = r.ccy;

-- name: twins
-- References that tie more than one pair. Two references of one hash only send their rows to the passes that compare all.
select ccy, hashed from {{partners}} where hashed is not null group by ccy, hashed having count(*) > 1;

-- name: singles
select p.l_n, p.r_n, p.l_id, p.r_id, p.l_amount as amount, p.ccy
  from {{partners}} p left join {{twins}} t on t.hashed = p.hashed and t.ccy = p.ccy
 where p.l_amount = p.r_amount and t.hashed is null;

-- name: not_single
select distinct p.{{n}} as n
  from {{partners}} p left join {{twins}} t on t.hashed = p.hashed and t.ccy = p.ccy
 where p.{{n}} is not null and (p.hashed is null or p.l_amount <> p.r_amount or t.hashed is not null);

-- name: chosen
select w.* from {{raw}} w join {{numbers}} o on o.n = w.n;

-- name: single_matches
select concat('m-', l_id) as match_id, l_id as left_id, r_id as right_id, money(amount, ccy) as amount,
       ccy as currency, {{pass_}} as pass, 'posted' as status, {{one}} as why
  from {{singles}};

-- name: single_sums
select ccy, count(*), count(*), count(*), sum(amount) from {{singles}} group by ccy;

-- name: shared
select 1 from {{left}} l join {{right}} r on r.ref = l.ref where r.ref <> '' limit 1;

-- name: batches
-- Whole batches: the one row on the right that the rows on the left name comes to their sum.
with one as (
  select ccy, ref as name, min(n) as r_n, min(id) as r_id, sum(amount) as total
    from {{right}} where ref <> '' group by ccy, ref having count(*) = 1),
whole as (
  select ccy, batch as name, count(*) as members, sum(amount) as total, min(id) as first_id
    from {{left}} where batch in (select name from one) group by ccy, batch)
select o.ccy, o.name, o.r_n, o.r_id, cast(o.total as bigint) as total, w.members, w.first_id
  from one o join whole w on w.name = o.name and w.ccy = o.ccy and w.total = o.total;

-- name: batch_matches
select concat('m-', b.first_id) as match_id, x.id as left_id, b.r_id as right_id, money(x.amount, x.ccy) as amount,
       x.ccy as currency, {{pass_}} as pass, 'posted' as status,
       case when b.members = 1 then {{one}} else concat(b.members, ' left and 1 right ', {{many}}, '.') end as why
  from {{left}} x join {{batches}} b on b.name = x.batch and b.ccy = x.ccy;

-- name: batch_sums
select ccy, cast(sum(members) as bigint), count(*), count(*), sum(total) from {{batches}} group by ccy;

-- name: not_batched_left
select x.n from {{left}} x left join {{batches}} b on b.name = x.batch and b.ccy = x.ccy where b.name is null;

-- name: not_batched_right
select x.n from {{right}} x left join {{batches}} b on b.r_n = x.n where b.name is null;
