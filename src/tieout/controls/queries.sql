-- name: put_person
insert into person (ledger_id, name, password_hash) values (%(ledger)s, %(name)s, %(hash)s)
on conflict (ledger_id, name) do update set password_hash = excluded.password_hash;

-- name: put_seller_person
insert into person (ledger_id, name, password_hash, party) values (%(ledger)s, %(name)s, %(hash)s, %(party)s)
on conflict (ledger_id, name) do nothing;

-- name: person
select password_hash from person where ledger_id = %(ledger)s and name = %(name)s;

-- name: people
select p.name, p.created_at, count(s.token_hash) filter (where s.expires_at > now())
  from person p left join login_session s on s.ledger_id = p.ledger_id and s.person = p.name
 where p.ledger_id = %(ledger)s group by p.name, p.created_at order by p.name collate "C";

-- name: drop_person
delete from person where ledger_id = %(ledger)s and name = %(name)s;

-- name: keys
select name, created_at, revoked_at from api_key where ledger_id = %(ledger)s order by name collate "C";

-- name: put_key
insert into api_key (ledger_id, name, key_hash) values (%(ledger)s, %(name)s, %(hash)s)
on conflict (ledger_id, name) do update set key_hash = excluded.key_hash, revoked_at = null;

-- name: key
select name from api_key where ledger_id = %(ledger)s and key_hash = %(hash)s and revoked_at is null;

-- name: revoke_key
update api_key set revoked_at = now() where ledger_id = %(ledger)s and name = %(name)s and revoked_at is null;

-- name: put_session
insert into login_session (ledger_id, token_hash, person, expires_at) values (%(ledger)s, %(hash)s, %(person)s, %(expires)s);

-- name: session
select s.person, p.party from login_session s left join person p on p.ledger_id = s.ledger_id and p.name = s.person
 where s.ledger_id = %(ledger)s and s.token_hash = %(hash)s and s.expires_at > %(now)s;

-- name: drop_session
delete from login_session where ledger_id = %(ledger)s and (token_hash = %(hash)s or expires_at <= %(now)s);

-- name: drop_sessions_of
delete from login_session where ledger_id = %(ledger)s and person = %(person)s;

-- name: log
insert into audit_log (ledger_id, actor, action, subject, detail)
values (%(ledger)s, %(actor)s, %(action)s, %(subject)s, %(detail)s);

-- name: log_page
select at, actor, action, subject, detail from audit_log where ledger_id = %(ledger)s order by id desc limit %(limit)s;
