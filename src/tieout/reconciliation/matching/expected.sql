-- Differences that a rule expects and names: rows of a group that agree by key, not by sum.

-- name: untied
select l_n as grp, ccy, name, l_members, r_members, l_n, r_n from {{pairs}} where l_total <> r_total;

-- name: named_once
-- What a text names, one to one, with another amount.
select l_u as grp, l_u, r_u from {{judged}}
 where level > 1 and l_links = 1 and r_links = 1 and l_amount <> r_amount;

-- name: judged
-- `short` is what the right side has less than the left, in minor units; the first rule that expects it names it.
with l as (
  select grp, sum(amount) as total, max(day) as day, count(*) as members {{fees}} from {{left}} group by grp),
r as (select grp, sum(amount) as total, max(day) as day, count(*) as members from {{right}} group by grp),
difference as (
  select l.*, r.total as r_total, l.total - r.total as short, r.day - l.day as lag, x.ccy, {{places}} as places
    from l join r on r.grp = l.grp
    join (select m.grp, min(w.ccy) as ccy from {{left}} m join {{rows}} w on w.n = m.n group by m.grp) x on x.grp = l.grp),
named as (select *, case {{cases}} end as name from difference)
select grp, ccy, short, name from named where name is not null;

-- name: with_residual
-- The rows of a side of accepted groups; the residual is a row of the right side that is in no file.
select m.grp, m.n, m.id, m.day, m.amount, 2 as l_members, 2 as r_members
  from {{members}} m join {{accepted}} a on a.grp = m.grp
union all
select grp, -1, '', 0, cast(short as bigint), 2, 2 from {{accepted}} where {{residual}};

-- name: found
select case when s.r_n < 0 then a.name else 'expected' end as pass, 'posted' as status, s.grp, s.l_n,
       case when s.r_n < 0 then null else s.r_n end as r_n, s.amount,
       case when s.r_n < 0 then concat('What the rule “', a.name, '” expects to be missing: ', money(a.short, a.ccy), ' ', a.ccy, '.')
            else concat('{{lead}}; the difference of ', money(a.short, a.ccy), ' ', a.ccy, ' is what the rule “', a.name,
              '” expects.') end as why
  from {{shares}} s join {{accepted}} a on a.grp = s.grp;
