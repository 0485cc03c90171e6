-- name: insert_split_rows
insert into split_row (ledger_id, key, party, category, channel, region, amounts)
select %(ledger)s, r.key, r.party, r.category, r.channel, r.region, r.amounts::jsonb
  from unnest(%(keys)s::text[], %(parties)s::text[], %(categories)s::text[], %(channels)s::text[], %(regions)s::text[],
              %(amounts)s::text[]) as r (key, party, category, channel, region, amounts)
on conflict do nothing;
