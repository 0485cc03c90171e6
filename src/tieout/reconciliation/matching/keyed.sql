-- The keyed passes. A key is a reference or a batch; rows agree by key and currency, and post if the sums are equal.
-- `rows`, `left`, `right` are tables (n, id, day, ccy, ref, batch, amount); n is a row's number in its file.

-- name: totals
select ccy, {{key}} as name, count(*) as members, sum(amount) as total, min(n) as n
  from {{rows}} where {{key}} <> '' group by ccy, {{key}};

-- name: totals_named
-- The same where the other side is far shorter: only what that side names is worth adding up.
select ccy, {{key}} as name, count(*) as members, sum(amount) as total, min(n) as n
  from {{rows}} where {{key}} in (select {{other_key}} from {{other}} where {{other_key}} <> '') group by ccy, {{key}};

-- name: totals_by_amount
-- Within a key whose sums differ: rows of one amount.
select x.ccy, x.{{key}} as name, x.amount, count(*) as members, sum(x.amount) as total, min(x.n) as n
  from {{rows}} x join {{open}} o on o.ccy = x.ccy and o.name = x.{{key}} group by x.ccy, x.{{key}}, x.amount;

-- name: pairs
select l.ccy, l.name, l.members as l_members, r.members as r_members, l.total as l_total, r.total as r_total,
       l.n as l_n, r.n as r_n
  from {{left}} l join {{right}} r on l.name = r.name and l.ccy = r.ccy;

-- name: pairs_by_amount
select l.ccy, l.name, l.amount, l.members as l_members, r.members as r_members, l.total as l_total,
       r.total as r_total, l.n as l_n, r.n as r_n
  from {{left}} l join {{right}} r on l.name = r.name and l.ccy = r.ccy and l.amount = r.amount
 where l.members = r.members;

-- name: how_many
select count(*) filter (where l_total = r_total), count(*) filter (where l_total = r_total and l_members + r_members > 2),
       count(*) filter (where l_total <> r_total and l_members + r_members > 2)
  from {{pairs}};

-- name: settled_singles
select l_n as grp, l_n, r_n, cast(l_total as bigint) as amount, 1 as l_members, 1 as r_members
  from {{pairs}} where l_total = r_total and l_members = 1 and r_members = 1;

-- name: tied
select l_n as grp, ccy, name, {{amount}} l_members, r_members, l_n, r_n
  from {{pairs}} where l_total = r_total and l_members + r_members > 2;

-- name: untied
select ccy, name from {{pairs}} where l_total <> r_total and l_members + r_members > 2;

-- name: members
select g.grp, x.n, x.id, x.day, x.amount, g.l_members, g.r_members, g.l_n, g.r_n
  from {{rows}} x join {{tied}} g on g.ccy = x.ccy and g.name = x.{{key}} {{same_amount}};

-- name: shares_of_one
-- One row on a side: every row of the other side is a part of it.
select grp, n as l_n, r_n, amount, l_members, r_members from {{left}} where r_members = 1
union all
select grp, l_n, n as r_n, amount, l_members, r_members from {{right}} where l_members = 1 and r_members > 1;

-- name: spans
-- Several rows on both sides: each row covers a stretch of its side's positive or negative money, largest first.
select grp, n, sign(amount) as side, lead, abs(amount) as size, l_members, r_members,
       sum(abs(amount)) over (partition by grp, sign(amount) order by lead rows unbounded preceding) as upto
  from (
    select *, row_number() over (partition by grp order by abs(amount) desc, amount, day, id) as lead
      from {{rows}} where l_members > 1 and r_members > 1) as led;

-- name: shares
-- Where the stretches of two rows overlap, that much of one is tied to the other. What one side has more of in plus it
-- has more of in minus too (the sums are equal); that is tied to the largest row of the other side and cancels there.
with ends as (
  select grp, side, max(upto) as l_end, cast(0 as hugeint) as r_end from {{left}} group by grp, side
  union all
  select grp, side, 0, max(upto) from {{right}} group by grp, side),
end_of as (
  select grp, side, max(l_end) as l_end, max(r_end) as r_end from ends group by grp, side),
part as (
  select l.grp, l.n as l_n, r.n as r_n, l.l_members, l.r_members,
         l.side * (least(l.upto, r.upto) - greatest(l.upto - l.size, r.upto - r.size)) as amount
    from {{left}} l join {{right}} r on r.grp = l.grp and r.side = l.side
     and r.upto - r.size < l.upto and l.upto - l.size < r.upto
  union all
  select l.grp, l.n, r.n, l.l_members, l.r_members, l.side * (l.upto - greatest(l.upto - l.size, e.r_end))
    from {{left}} l join end_of e on e.grp = l.grp and e.side = l.side
    join {{right}} r on r.grp = l.grp and r.lead = 1
   where l.upto > e.r_end or l.size = 0
  union all
  select l.grp, l.n, r.n, l.l_members, l.r_members, r.side * (r.upto - greatest(r.upto - r.size, e.l_end))
    from {{right}} r join end_of e on e.grp = r.grp and e.side = r.side
    join {{left}} l on l.grp = r.grp and l.lead = 1
   where r.upto > e.l_end or r.size = 0)
select grp, l_n, r_n, cast(sum(amount) as bigint) as amount, l_members, r_members
  from part group by grp, l_n, r_n, l_members, r_members;

-- name: found
-- The shares of one pass, told alike.
select {{pass_}} as pass, 'posted' as status, grp, l_n, r_n, amount, {{why}} as why from {{shares}};

-- name: nothing
select '' as pass, '' as status, cast(0 as bigint) as grp, cast(0 as bigint) as l_n, cast(0 as bigint) as r_n,
       cast(0 as bigint) as amount, '' as why where 1 = 0;

-- name: left_over
select x.* from {{rows}} x left join (select distinct {{n}} as n from {{found}}) f on f.n = x.n where f.n is null;

-- name: some
select 1 from {{rows}} limit 1;
