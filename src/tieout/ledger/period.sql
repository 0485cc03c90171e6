-- name: share_books
select share_books(%(ledger)s);

-- name: take_books
select take_books(%(ledger)s);

-- name: periods
select id, first_day, last_day, area, state from period where ledger_id = %(ledger)s order by first_day, area;

-- name: put_period
insert into period (ledger_id, first_day, last_day, area, state, changed_by, changed_at)
values (%(ledger)s, %(first)s, %(last)s, %(area)s, %(state)s, %(actor)s, clock_timestamp()) returning id;

-- name: move_period
update period set state = %(state)s, changed_by = %(actor)s, changed_at = clock_timestamp()
 where ledger_id = %(ledger)s and first_day = %(first)s and last_day = %(last)s and area = %(area)s returning id;

-- name: allow
insert into period_allowance (ledger_id, period_id, person, reason, granted_by, expires_at)
select p.ledger_id, p.id, %(person)s, %(reason)s, %(actor)s, %(expires)s
  from period p where p.ledger_id = %(ledger)s and p.id = %(period)s and p.state = 'soft'
returning id, period_id, person, reason, granted_by, granted_at, expires_at;

-- name: allowances
-- Those in force: not expired, and of a period that has not been moved since.
select x.id, x.period_id, x.person, x.reason, x.granted_by, x.granted_at, x.expires_at
  from period_allowance x join period p on p.ledger_id = x.ledger_id and p.id = x.period_id
 where x.ledger_id = %(ledger)s and p.state = 'soft' and x.granted_at >= p.changed_at
   and x.expires_at > clock_timestamp()
 order by x.id;
