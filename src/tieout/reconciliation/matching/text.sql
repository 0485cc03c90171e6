-- References that stand in free text, cut off, or are read badly. A unit is a row, or the rows of one batch, whose sum counts.

-- name: units
with blocked as (
  select *, case when batch <> '' then concat('batch ', batch) else concat('row ', cast(n as varchar)) end as block
    from {{rows}})
select ccy, block, min(n) as u, count(*) as members, sum(amount) as amount, min(day) as first_day, max(day) as day,
       max(batch) as batch, max(case when batch = '' then ref else '' end) as ref
  from blocked group by ccy, block;

-- name: unit_rows
select u.u, x.n, x.amount, x.day, x.id
  from {{rows}} x join {{units}} u
    on u.ccy = x.ccy and u.block = case when x.batch <> '' then concat('batch ', x.batch) else concat('row ', cast(x.n as varchar)) end;

-- name: keys
-- What a unit may be called in the other side's texts: its batch or reference, or else its own id if that is telling.
select u.u, u.ccy, case when u.batch <> '' then u.batch when u.ref <> '' then u.ref else squash(x.id) end as name,
       case when u.batch = '' and u.ref = '' then 1 else 0 end as is_id
  from {{units}} u join {{rows}} x on x.n = u.u
 where length(case when u.batch <> '' then u.batch when u.ref <> '' then u.ref else squash(x.id) end)
       >= case when u.batch <> '' or u.ref <> '' then 6 else 8 end;

-- name: texts
-- A field of 14 characters or more may have been cut off; a shorter one says what it says.
select u.u, u.ccy, case when length(trim(w.reference)) >= 14 then 11 else 1 end as field, w.reference as text from {{units}} u join {{raw}} w on w.n = u.u
 where u.members = 1 and w.reference <> ''
union all
select u.u, u.ccy, case when length(trim(w.description)) >= 14 then 12 else 2 end, w.description from {{units}} u join {{raw}} w on w.n = u.u
 where u.members = 1 and w.description <> '';

-- name: grams
-- Up to six words that follow each other, written as one: “PO 1NX” and “po-1nx” are PO1NX. `ends` says that a long text does.
with led as (
  select u, ccy, field, place, words, token,
         lead(token, 1) over w as b, lead(token, 2) over w as c, lead(token, 3) over w as d, lead(token, 4) over w as e,
         lead(token, 5) over w as f
    from {{tokens}} window w as (partition by u, field order by place)),
joined as (
  select u, ccy, token as gram, place + 1 = words and field > 10 as ends from led
  union all select u, ccy, concat(token, b), place + 2 = words and field > 10 from led where b is not null
  union all select u, ccy, concat(token, b, c), place + 3 = words and field > 10 from led where c is not null
  union all select u, ccy, concat(token, b, c, d), place + 4 = words and field > 10 from led where d is not null
  union all select u, ccy, concat(token, b, c, d, e), place + 5 = words and field > 10 from led where e is not null
  union all select u, ccy, concat(token, b, c, d, e, f), place + 6 = words and field > 10 from led where f is not null)
select distinct u, ccy, gram, ends, length(gram) as size from joined where length(gram) >= 6;

-- name: links
-- 3: the text has the whole reference. 2: it breaks off within it. 1: the same digits, or letters read for digits.
with cut as (
  select k.u, k.ccy, substr(k.name, 1, s.size) as start_of
    from {{keys}} k join (select distinct size from {{grams}} where ends and size >= 8) s on s.size < length(k.name) and k.is_id = 0),
every as (
  select k.u as key_u, g.u as text_u, 3 as level from {{keys}} k join {{grams}} g on g.gram = k.name and g.ccy = k.ccy
  union all
  select c.u, g.u, 2 from cut c join {{grams}} g on g.gram = c.start_of and g.ccy = c.ccy where g.ends
  union all
  select k.u, g.u, 1 from {{keys}} k join {{grams}} g on g.gram = digits_of(k.name) and g.ccy = k.ccy
   where g.gram <> k.name and length(digits_of(k.name)) >= 6 and k.is_id = 0
  union all
  select k.u, g.u, 1 from {{keys}} k join {{grams}} g on folded(g.gram) = folded(k.name) and g.ccy = k.ccy
   where g.gram <> k.name and g.size >= 8 and k.is_id = 0)
select key_u, text_u, max(level) as level from every group by key_u, text_u;

-- name: both_links
select l_u, r_u, max(level) as level from (
  select key_u as l_u, text_u as r_u, level from {{left_keys}} union all select text_u, key_u, level from {{right_keys}}) as each_way
 group by l_u, r_u;

-- name: judged
-- How many of the other side each is linked to, and to how many with exactly its amount.
select k.l_u, k.r_u, k.level, l.amount as l_amount, r.amount as r_amount, l.ccy,
       count(*) over (partition by k.l_u) as l_links, count(*) over (partition by k.r_u) as r_links,
       sum(case when l.amount = r.amount then 1 else 0 end) over (partition by k.l_u) as l_exact,
       sum(case when l.amount = r.amount then 1 else 0 end) over (partition by k.r_u) as r_exact,
       sum(r.amount) over (partition by k.l_u) as r_sum, sum(l.amount) over (partition by k.r_u) as l_sum,
       min(k.level) over (partition by k.l_u) as l_least, min(k.level) over (partition by k.r_u) as r_least
  from {{links}} k join {{left}} l on l.u = k.l_u join {{right}} r on r.u = k.r_u;

-- name: exact
select l_u as grp, l_u, r_u, level from {{judged}}
 where l_amount = r_amount and l_exact = 1 and r_exact = 1 and (level > 1 or (l_links = 1 and r_links = 1));

-- name: sums
-- A text that names several, or several that name one, and all of them come to its sum; none of them is named elsewhere.
select * from (
  select min(l_u) over (partition by r_u) as grp, l_u, r_u, level, count(*) over (partition by r_u) as linked, r_links as wanted
    from {{judged}} where r_links > 1 and l_links = 1 and l_sum = r_amount and r_least > 1 and r_exact = 0
  union all
  select l_u, l_u, r_u, level, count(*) over (partition by l_u), l_links
    from {{judged}} where l_links > 1 and r_links = 1 and r_sum = l_amount and l_least > 1 and l_exact = 0) as summed
 where linked = wanted;

-- name: group_rows
-- Units that were tied, as groups of rows that can be allocated.
with l as (select distinct t.grp, m.n, m.id, m.day, m.amount from {{ties}} t join {{left_rows}} m on m.u = t.l_u),
r as (select distinct t.grp, m.n, m.id, m.day, m.amount from {{ties}} t join {{right_rows}} m on m.u = t.r_u),
l_sum as (select grp, count(*) as members, min(n) as n from l group by grp),
r_sum as (select grp, count(*) as members, min(n) as n from r group by grp)
select own.grp, own.n, own.id, own.day, own.amount, l_sum.members as l_members, r_sum.members as r_members,
       l_sum.n as l_n, r_sum.n as r_n
  from {{own}} own join l_sum on l_sum.grp = own.grp join r_sum on r_sum.grp = own.grp;

-- name: free
-- Rows that nothing named with another sum.
select x.* from {{rows}} x left join (select distinct n from {{barred}}) b on b.n = x.n where b.n is null;

-- name: named_only
-- Rows of units that a text names and that come to another sum, in the shape of a clash; no later pass may take them.
select m.n, {{rank}} as rank, j.name, j.own_members, j.own_total, j.other_members, j.other_total, j.ccy as other_ccy,
       cast(0 as bigint) as twins
  from (
    select {{u}} as u, max(ccy) as ccy, max({{links}}) as other_members, max({{own_amount}}) as own_total,
           max(own_members) as own_members, max(name) as name,
           case when max({{links}}) = 1 then max({{other_amount}}) else max({{other_sum}}) end as other_total
      from (
        select j.*, u.members as own_members, coalesce(k.name, o.name) as name
          from {{judged}} j join {{units}} u on u.u = j.{{u}} left join {{names}} k on k.u = j.{{u}}
          left join {{other_names}} o on o.u = j.{{other_u}}) as told
     where level > 1 group by {{u}}) j
  join {{unit_rows}} m on m.u = j.u
  join {{rows}} x on x.n = m.n;

-- name: reasons
select grp, min({{why}}) as why from {{ties}} group by grp;

-- name: found
select {{pass_}} as pass, {{status}} as status, s.grp, s.l_n, s.r_n, s.amount, w.why
  from {{shares}} s join {{reasons}} w on w.grp = s.grp;
