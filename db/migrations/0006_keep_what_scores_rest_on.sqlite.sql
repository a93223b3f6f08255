-- What scores rest on besides profiles, so that a score that was given can be given again.

-- The reference data as it was served: a ZIP archive of its files.
create table reference_versions (
    version   text    not null primary key,
    content   blob    not null,
    stored_at integer not null
) strict;

-- Scarcity as it was frozen, by corridor: how many enterprises supplied anything, and JSON (Brotli) of how much of each competency.
create table scarcity_epochs (
    reference   text    not null references reference_versions (version),
    epoch       integer not null,
    corridor    text    not null references corridors (id),
    suppliers   integer not null,
    supply      blob    not null,
    measured_at integer not null,
    primary key (reference, epoch, corridor)
) strict;

-- Append-only: every data version in the order in which they were served. A write of profiles adds its own in its transaction.
create table data_versions (
    id          integer not null primary key autoincrement,
    sequence    integer not null,
    epoch       integer not null,
    reference   text    not null references reference_versions (version),
    served_from integer not null
) strict;

create index ix_data_versions_served_from on data_versions (served_from, id);

create trigger data_versions_are_never_updated before update on data_versions
begin
    select raise(abort, 'data_versions is append-only');
end;

create trigger data_versions_are_never_deleted before delete on data_versions
begin
    select raise(abort, 'data_versions is append-only');
end;

-- A profile as it was at a sequence.
create index ix_enterprise_revisions_enterprise_id_sequence on enterprise_revisions (enterprise_id, sequence);
