-- Nothing ever wrote a note to an entry: a text is corrected as everything else is, by an entry that takes its place.
drop table entry_note;
-- Each projection knows itself how far it has come.
drop table cursor_position;
