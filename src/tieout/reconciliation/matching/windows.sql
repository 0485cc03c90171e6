-- Batches that nobody named: everything from one day up to a cut-off is one row on the other side.

-- name: days
-- What units come to day by day, and up to each day.
select ccy, day, total, members, sum(total) over w as upto, sum(members) over w as members_upto
  from (select ccy, day, sum(amount) as total, sum(members) as members from {{units}} group by ccy, day) as by_day
 window w as (partition by ccy order by day rows unbounded preceding);

-- name: runs
-- Every run of days: its first and last day, sum and rows. A run of one row is no run.
select a.ccy, a.day as first_day, b.day as last_day, b.upto - a.upto + a.total as total,
       b.members_upto - a.members_upto + a.members as members
  from {{days}} a join {{days}} b on b.ccy = a.ccy and b.day between a.day and a.day + {{longest}}
 where b.members_upto - a.members_upto + a.members > 1;

-- name: hits
-- Rows of the other side that are exactly a run which ended shortly before; `rivals` runs could have been it by chance.
with hit as (
  select r.u, r.ccy, r.amount, r.day, x.first_day, x.last_day, x.members
    from {{others}} r join {{runs}} x on x.ccy = r.ccy and x.total = r.amount
     and r.day between x.last_day and x.last_day + {{late}}
   where r.members = 1),
tried as (
  select h.u, count(*) as rivals from (select distinct u, ccy, day from hit) h
    join {{runs}} x on x.ccy = h.ccy and h.day between x.last_day and x.last_day + {{late}} group by h.u)
select h.*, t.rivals, count(*) over (partition by h.u) as choices from hit h join tried t on t.u = h.u;

-- name: sole_hits
-- The only run of its row, of which no day is part of another row's run, and too particular to be met by chance.
select h.* from {{hits}} h
 where h.choices = 1
   and 1000000 * h.rivals <= {{chance}} * case length(cast(abs(h.amount) as varchar)) {{widths}} else 1 end
   and not exists (
     select 1 from {{hits}} o where o.ccy = h.ccy and o.u <> h.u and o.first_day <= h.last_day and h.first_day <= o.last_day);

-- name: ties
-- `grp` is one of the left rows.
select {{grp}} as grp, {{pair}}, h.members, day_text(h.first_day) as first_text, day_text(h.last_day) as last_text
  from {{hits}} h join {{units}} x on x.ccy = h.ccy and x.day between h.first_day and h.last_day;

-- name: blocks
-- Units that are still open and are no part of a proposal, with those of the other side that could be parts of them.
with free as (
  select u.* from {{ones}} u left join {{taken}} t on t.n = u.u where t.n is null and u.members = 1 and u.amount <> 0),
part as (
  select u.* from {{parts}} u left join {{parts_taken}} t on t.n = u.u where t.n is null and u.amount <> 0),
by_day as (select ccy, day, count(*) as parts from part group by ccy, day),
few as (                               -- days with few enough before them, told by day so that none are paired in vain
  select f.ccy, f.day from (select distinct ccy, day from free) f
    join by_day d on d.ccy = f.ccy and d.day between f.day - {{early}} and f.day
   group by f.ccy, f.day having sum(d.parts) between 2 and {{most}}),
near as (
  select f.u as one, f.amount as total, f.ccy, p.u as part, p.amount, x.id, w.id as one_id,
         count(*) over (partition by f.u) as parts
    from free f join few y on y.ccy = f.ccy and y.day = f.day
    join part p on p.ccy = f.ccy and p.day between f.day - {{early}} and f.day
    join {{part_rows}} x on x.n = p.u join {{one_rows}} w on w.n = f.u)
select one, one_id, total, ccy, part, amount from near where parts between 2 and {{most}} order by one_id, id;

-- name: taken
select {{n}} as n from {{found}} as tied;
