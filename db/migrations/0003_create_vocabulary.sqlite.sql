-- Names that staff gave to competencies, beside those of the reference data.
create table competency_aliases (
    id         text    not null primary key,
    code       text    not null,
    lang       text    not null check (lang in ('en', 'ru')),
    text       text    not null,
    folded     text    not null unique,
    created_at integer not null
) strict;

-- Words of profiles that mean no competency yet: they wait for an alias.
create table unmapped_words (
    folded        text not null,
    enterprise_id text not null references enterprises (id) on delete cascade,
    text          text not null,
    primary key (folded, enterprise_id)
) strict, without rowid;

create index ix_unmapped_words_enterprise_id on unmapped_words (enterprise_id);
