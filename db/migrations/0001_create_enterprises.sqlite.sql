-- One row an enterprise; the profile as JSON, beside it what lists filter and sort by.
create table enterprises (
    id          text    not null primary key,
    status      text    not null check (status in ('draft', 'published', 'withdrawn', 'ceased')),
    country     text    not null,
    region      text    not null,
    name_key    text    not null,
    search_text text    not null,
    profile     text    not null check (json_valid(profile)),
    revision    integer not null check (revision >= 1),
    created_at  integer not null,
    updated_at  integer not null
) strict;

create index ix_enterprises_name_key on enterprises (name_key, id);
create index ix_enterprises_region on enterprises (region);

create table enterprise_competencies (
    enterprise_id text not null references enterprises (id) on delete cascade,
    code          text not null,
    primary key (code, enterprise_id)
) strict, without rowid;

create index ix_enterprise_competencies_enterprise_id on enterprise_competencies (enterprise_id);

create table enterprise_identifiers (
    scheme        text not null,
    value         text not null,
    enterprise_id text not null references enterprises (id) on delete cascade,
    primary key (scheme, value)
) strict, without rowid;

create index ix_enterprise_identifiers_enterprise_id on enterprise_identifiers (enterprise_id);

-- Personal data, kept apart from the profile and never part of a revision, so that it can be erased for good.
create table enterprise_contacts (
    enterprise_id text    not null references enterprises (id) on delete cascade,
    position      integer not null,
    contact       text    not null check (json_valid(contact)),
    primary key (enterprise_id, position)
) strict, without rowid;

-- Append-only: every change of every profile, in one order, so that a score can be replayed on the profile as it was.
create table enterprise_revisions (
    sequence      integer not null primary key autoincrement,
    enterprise_id text    not null,
    revision      integer not null,
    operation     text    not null check (operation in ('created', 'replaced', 'deleted')),
    profile       text             check (profile is null or json_valid(profile)),
    changed_at    integer not null,
    unique (enterprise_id, revision)
) strict;

create trigger enterprise_revisions_are_never_updated before update on enterprise_revisions
begin
    select raise(abort, 'enterprise_revisions is append-only');
end;

create trigger enterprise_revisions_are_never_deleted before delete on enterprise_revisions
begin
    select raise(abort, 'enterprise_revisions is append-only');
end;
