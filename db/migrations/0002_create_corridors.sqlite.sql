create table corridors (
    id         text    not null primary key,
    corridor   text    not null check (json_valid(corridor)),
    created_at integer not null
) strict;
