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

-- name: meetings
-- Units of the two sides that could be the same: within the window, and of one amount but for what rules expect. An
-- amount that stands so often that nothing could be told apart is left out.
with target as (
  select v.ccy, v.amount, v.times, d.short, v.amount - d.short as wanted
    from {{left_values}} v join {{deltas}} d on d.ccy = v.ccy),
alike as (
  select t.ccy, t.amount, t.short, t.wanted from target t join {{right_values}} w on w.ccy = t.ccy and w.amount = t.wanted
   where t.times * w.times <= {{most}})
select l.u as l_u, r.u as r_u, l.ccy, l.amount, a.short, r.day - l.day as lag
  from alike a join {{left_units}} l on l.ccy = a.ccy and l.amount = a.amount
  join {{right_units}} r on r.ccy = a.ccy and r.amount = a.wanted
 where r.day - l.day between -{{early}} and {{window}};

-- name: counted
-- How many the units of each side could be, in the widest set of all differences.
select *, count(*) over (partition by l_u) as l_choices, count(*) over (partition by r_u) as r_choices from {{meetings}};

-- name: common
-- Units that could be so many of the other side that nothing can be told apart.
with target as (
  select v.ccy, v.amount, v.times, v.amount {{less}} d.short as wanted
    from {{own_values}} v join {{deltas}} d on d.ccy = v.ccy),
hot as (
  select distinct t.ccy, t.amount from target t join {{other_values}} w on w.ccy = t.ccy and w.amount = t.wanted
   where t.times * w.times > {{most}})
select u.u from {{own_units}} u join hot h on h.ccy = u.ccy and h.amount = u.amount;

-- name: currencies
select distinct ccy from {{units}} order by ccy;

-- name: sole
-- Pairs of units that could only be each other, with how many neighbours they have there and how sure chance is ruled
-- out: the expected number of pairs that only look like one, in millionths (neighbours in the window per possible
-- amount, times how often a unit of either side has no partner).
with near as (
  select ccy, side, size, lead, sum(near) as near from {{right_near}} group by ccy, side, size, lead),
span as (select max(day) - min(day) + 1 as days from {{right_units}}),
tried as (select ccy, count(*) as deltas from {{deltas}} group by ccy),
pair as (
  select c.ccy, c.l_u, c.r_u, c.short, c.lag, r.amount, length(cast(abs(r.amount) as varchar)) as size,
         left(cast(abs(r.amount) as varchar), 1) as lead, right(cast(abs(r.amount) as varchar), 2) as ending,
         sign(r.amount) as side, l.members as l_members, r.members as r_members, l.day as l_day, r.day as r_day,
         l.ref as l_ref, r.ref as r_ref
    from {{counted}} c join {{left_units}} l on l.u = c.l_u join {{right_units}} r on r.u = c.r_u
    left join {{left_common}} x on x.u = c.l_u left join {{right_common}} y on y.u = c.r_u
   where c.l_choices = 1 and c.r_choices = 1 and x.u is null and y.u is null),
weighed as (
  select p.*, n.near - 1 as near, e.near - 1 as near_ending, t.deltas, s.days,
         case p.size {{widths}} else 1 end as width
    from pair p
    join near n on n.ccy = p.ccy and n.side = p.side and n.size = p.size and n.lead = p.lead
    join {{right_near}} e on e.ccy = p.ccy and e.side = p.side and e.size = p.size and e.lead = p.lead
     and e.ending = p.ending
    join tried t on t.ccy = p.ccy cross join span s)
select w.l_u as grp, w.l_u, w.r_u, w.ccy, w.amount, w.short, w.lag, w.l_day, w.r_day, w.l_members, w.r_members, w.l_ref,
       w.r_ref,
       (cast(1000000 as hugeint) * greatest(w.near, w.near_ending * 100) * w.deltas * least(w.days, {{early}} + {{window}} + 1)
         * (a.alone + 1) * (b.alone + 1)) // (w.width * w.days * (a.units + 2) * (b.units + 2)) as chance
  from weighed w
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
 where chance <= {{chance}} and lag between -{{early}} and {{window}} and (shared > 0 or speak = 0 or {{silent}})
   and not (l_ref <> '' and r_ref <> ''
            and (left(l_ref, 2) = left(r_ref, 2) or digits_of(l_ref) = l_ref and digits_of(r_ref) = r_ref));

-- name: equal
select * from {{pairs}} where short = 0;

-- name: unequal
select * from {{pairs}} where short <> 0;

-- name: likely
select s.* from {{pairs}} s left join {{certain}} c on c.grp = s.grp
 where c.grp is null and s.short = 0 and s.lag between -{{early}} and {{window}};

-- name: alike
-- Units of one amount that share a word which is not common. Whoever has one such partner only, both ways, is its match,
-- if chance is ruled out: the word and the amount would have to come together by accident, without their partners.
with pair as (
  select a.u as l_u, b.u as r_u, min(b.times) as times, count(*) as shared
    from {{left_stems}} a join {{right_stems}} b on b.stem = a.stem and b.ccy = a.ccy
    join {{left_units}} l on l.u = a.u join {{right_units}} r on r.u = b.u and r.amount = l.amount
   where a.times <= {{common}} and b.times <= {{common}} and l.amount <> 0
     and r.day - l.day between -{{early}} and {{window}}
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
-- Units that could be several of the other side, or of which several could be one; and those of too common an amount.
select u, max(own_times) as own_times, max(other_times) as other_times from (
  select {{own}}_u as u, {{other}}_choices as own_times, {{own}}_choices as other_times from {{counted}}
   where l_choices > 1 or r_choices > 1
  union all
  select c.u, v.times, coalesce(w.times, 2) from {{common}} c join {{own_units}} u on u.u = c.u
    join {{own_values}} v on v.ccy = u.ccy and v.amount = u.amount
    left join {{other_values}} w on w.ccy = u.ccy and w.amount = u.amount) as several
 group by u;

-- name: candidates
-- The units that each could be, in words, where they are few.
select c.{{own}}_u as u, text_list(concat(x.id, ' of ', day_text(x.day))) as told
  from {{counted}} c join {{rows}} x on x.n = c.{{other}}_u where c.{{own}}_choices <= 5 group by c.{{own}}_u;

-- name: crowded
select m.n, c.own_times, c.other_times, d.told
  from {{crowds}} c join {{unit_rows}} m on m.u = c.u left join {{candidates}} d on d.u = c.u;
