-- What goes into the files, and the sums that prove nothing was lost.

-- name: matches
-- `grp` is one of the left rows of the match. A residual has no row on the right.
select concat('m-', min(l.id) over (partition by f.grp)) as match_id, l.id as left_id, coalesce(r.id, '') as right_id,
       money(f.amount, l.ccy) as amount, l.ccy as currency, f.pass, f.status, f.why
  from {{found}} f join {{left}} l on l.n = f.l_n left join {{right}} r on r.n = f.r_n;

-- name: match_list
select * from {{matches}} order by left_id, right_id, pass;

-- name: match_rows
select * from {{matches}} as told;

-- name: case_list
select side, id, money(amount, ccy) as amount, ccy as currency, reason, why
  from ({{cases}}) as all_cases order by side, id, reason, why;

-- name: match_digest
select count(*), sum({{digest_0}}), sum({{digest_1}}) from (
  select concat_ws(chr(31), match_id, left_id, right_id, amount, currency, pass, status, why) as line from {{matches}}) as told;

-- name: case_digest
select count(*), sum({{digest_0}}), sum({{digest_1}}) from (
  select concat_ws(chr(31), side, id, cast(amount as varchar), ccy, reason, why) as line from {{cases}}) as told;

-- name: input_sums
select ccy, count(*), sum(amount) from {{rows}} group by ccy order by ccy;

-- name: tied_sums
select x.ccy, f.status, count(distinct f.{{n}}), sum(f.amount) from {{found}} f join {{rows}} x on x.n = f.{{n}}
 group by x.ccy, f.status order by x.ccy, f.status;

-- name: case_sums
select ccy, count(*), sum(amount) from {{cases}} as c where side = {{side}} group by ccy order by ccy;

-- name: overdrawn
-- Rows of which something else than the whole is tied, or which are tied twice: there must be none.
select count(*) from (
  select f.{{n}} from {{found}} f join {{rows}} x on x.n = f.{{n}} group by f.{{n}}, x.amount
  having sum(f.amount) <> x.amount or count(distinct f.status) > 1 or count(distinct f.grp) > 1) as wrong;

-- name: by_pass
select f.pass, f.status, count(*), count(distinct f.grp), x.ccy, sum(f.amount)
  from {{found}} f join {{rows}} x on x.n = f.l_n group by f.pass, f.status, x.ccy;

-- name: by_reason
select side, reason, ccy, count(*), sum(amount) from {{cases}} group by side, reason, ccy order by side, reason, ccy;
