-- name: last_number
-- The last number an entry was given. A sequence is read as it stands now, whatever moment a unit of work sees.
select last_value from entry_id_seq;
