-- Un-keyed units: nothing names anything, so the amount must speak, and only where it can mean one thing.

-- name: values
-- How often an amount stands among the units of a side; with the one unit where it is one. Zero says nothing.
select ccy, amount, count(*) as times, min(u) as u from {{units}} where amount <> 0 group by ccy, amount;

-- name: neighbours
-- How many different units of a side stand near an amount: the same size and first digit, and the same ending there.
-- Both say how easily an amount comes up by chance.
select ccy, sign(amount) as side, length(cast(abs(amount) as varchar)) as size,
       left(cast(abs(amount) as varchar), 1) as lead, right(cast(abs(amount) as varchar), 2) as ending, count(*) as near
  from {{units}} where amount <> 0 group by 1, 2, 3, 4, 5;

-- name: loneliness
-- Per currency: units, and those of an amount that the other side does not have at all.
select v.ccy, sum(v.times) as units, sum(case when o.amount is null then v.times else 0 end) as alone
  from {{own}} v left join {{other}} o on o.ccy = v.ccy and o.amount = v.amount group by v.ccy;

-- name: sole
-- Amounts that stand once on each side, with how many neighbours they have there and how sure chance is ruled out: the
-- expected number of pairs that only look like one, in millionths (neighbours per possible amount, times how often a
-- unit of either side has no partner).
with near as (
  select ccy, side, size, lead, sum(near) as near from {{right_near}} group by ccy, side, size, lead),
pair as (
  select l.ccy, l.amount, l.u as l_u, r.u as r_u, length(cast(abs(l.amount) as varchar)) as size,
         left(cast(abs(l.amount) as varchar), 1) as lead, right(cast(abs(l.amount) as varchar), 2) as ending,
         sign(l.amount) as side
    from {{left}} l join {{right}} r on r.ccy = l.ccy and r.amount = l.amount and l.times = 1 and r.times = 1),
weighed as (
  select p.*, n.near - 1 as near, e.near - 1 as near_ending,
         case p.size {{widths}} else 1 end as width
    from pair p
    join near n on n.ccy = p.ccy and n.side = p.side and n.size = p.size and n.lead = p.lead
    join {{right_near}} e on e.ccy = p.ccy and e.side = p.side and e.size = p.size and e.lead = p.lead
     and e.ending = p.ending)
select w.l_u as grp, w.l_u, w.r_u, w.ccy, w.amount, l.members as l_members, r.members as r_members,
       r.day - l.day as lag, l.day as l_day, r.day as r_day, l.ref as l_ref, r.ref as r_ref,
       (cast(1000000 as hugeint) * greatest(w.near, w.near_ending * 100) * (a.alone + 1) * (b.alone + 1))
         // (w.width * (a.units + 2) * (b.units + 2)) as chance
  from weighed w
  join {{left_units}} l on l.u = w.l_u join {{right_units}} r on r.u = w.r_u
  join {{left_alone}} a on a.ccy = w.ccy join {{right_alone}} b on b.ccy = w.ccy;

-- name: stems
-- The words of units, cut to five letters, which survive most of what a bank's field does to a name; common ones are left
-- out, as they tell nothing apart.
with stem as (
  select distinct u, ccy, substr(token, 1, 5) as stem from {{words}} where length(token) >= 3),
known as (
  select stem, count(*) as times from stem group by stem)
select s.u, s.ccy, s.stem, k.times from stem s join known k on k.stem = s.stem;

-- name: worded
-- Pairs of units, with the rarest word they share, if they share any, and whether both have words at all.
select p.*, coalesce(s.shared, 0) as shared, case when l.u is not null and r.u is not null then 1 else 0 end as speak
  from {{pairs}} p
  left join (select distinct u from {{left_stems}}) l on l.u = p.l_u
  left join (select distinct u from {{right_stems}}) r on r.u = p.r_u
  left join (
    select q.l_u, q.r_u, count(*) as shared from {{pairs}} q
      join {{left_stems}} a on a.u = q.l_u join {{right_stems}} b on b.u = q.r_u and b.stem = a.stem
     group by q.l_u, q.r_u) s on s.l_u = p.l_u and s.r_u = p.r_u;

-- name: speech
-- Whether texts of pairs usually have a word in common: only then is it odd if they have none.
select coalesce(sum(case when shared > 0 then 1 else 0 end), 0), coalesce(sum(speak), 0) from {{pairs}};

-- name: certain
-- References of one kind that differ speak against a pair.
select * from {{pairs}}
 where chance <= {{chance}} and lag between -{{window}} and {{window}} and (shared > 0 or speak = 0 or {{silent}})
   and not (l_ref <> '' and r_ref <> ''
            and (left(l_ref, 2) = left(r_ref, 2) or digits_of(l_ref) = l_ref and digits_of(r_ref) = r_ref));

-- name: likely
select s.* from {{pairs}} s left join {{certain}} c on c.grp = s.grp
 where c.grp is null and s.lag between -{{window}} and {{window}};

-- name: alike
-- Units of one amount that share a word which is not common. Whoever has one such partner only, both ways, is its match,
-- if chance is ruled out: the word and the amount would have to come together by accident, without their partners.
with pair as (
  select a.u as l_u, b.u as r_u, min(b.times) as times, count(*) as shared
    from {{left_stems}} a join {{right_stems}} b on b.stem = a.stem and b.ccy = a.ccy
    join {{left_units}} l on l.u = a.u join {{right_units}} r on r.u = b.u and r.amount = l.amount
   where a.times <= {{common}} and b.times <= {{common}} and l.amount <> 0
     and r.day - l.day between -{{window}} and {{window}}
   group by a.u, b.u)
select p.l_u as grp, p.l_u, p.r_u, p.shared, l.ccy, l.amount, r.day - l.day as lag, l.day as l_day, r.day as r_day,
       l.ref as l_ref, r.ref as r_ref, 1 as speak,
       (cast(1000000 as hugeint) * (p.times - 1) * v.times * (x.alone + 1) * (y.alone + 1))
         // ((y.units + 1) * (x.units + 2) * (y.units + 2)) as chance,
       count(*) over (partition by p.l_u) as l_choices, count(*) over (partition by p.r_u) as r_choices
  from pair p join {{left_units}} l on l.u = p.l_u join {{right_units}} r on r.u = p.r_u
  join {{right_values}} v on v.ccy = l.ccy and v.amount = l.amount
  join {{left_alone}} x on x.ccy = l.ccy join {{right_alone}} y on y.ccy = l.ccy;

-- name: only_alike
select * from {{pairs}} where l_choices = 1 and r_choices = 1;

-- name: crowds
-- Amounts that stand several times: how many units of each side could be meant.
select l.ccy, l.amount, l.times as l_times, r.times as r_times
  from {{left}} l join {{right}} r on r.ccy = l.ccy and r.amount = l.amount where l.times > 1 or r.times > 1;

-- name: candidates
-- The units of a crowded amount in words, where they are few.
select u.ccy, u.amount, text_list(concat(x.id, ' of ', day_text(u.day))) as told
  from {{crowds}} c join {{units}} u on u.ccy = c.ccy and u.amount = c.amount join {{rows}} x on x.n = u.u
 where {{times}} <= 5 group by u.ccy, u.amount;

-- name: crowded
select m.n, {{own}}_times as own_times, {{other}}_times as other_times, d.told
  from {{crowds}} c join {{units}} u on u.ccy = c.ccy and u.amount = c.amount join {{unit_rows}} m on m.u = u.u
  left join {{candidates}} d on d.ccy = c.ccy and d.amount = c.amount;
