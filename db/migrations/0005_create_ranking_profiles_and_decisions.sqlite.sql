-- Append-only: every version of every weight set, in one order; a version without a profile says that the set was removed.
create table ranking_profile_versions (
    sequence   integer not null primary key autoincrement,
    profile_id text    not null,
    version    integer not null check (version >= 1),
    form       text    not null,
    profile    text             check (profile is null or json_valid(profile)),
    changed_at integer not null,
    unique (profile_id, version)
) strict;

-- Append-only: which version of which weight set a form uses where a query names none; of a form the last row counts. Before the first the
-- shipped one does, whose id is the form's own name and whose version is 1.
create table ranking_profile_adoptions (
    sequence   integer not null primary key autoincrement,
    form       text    not null,
    profile_id text    not null,
    version    integer not null check (version >= 1),
    adopted_at integer not null
) strict;

-- Append-only: what staff decided of pairs, with what the pair scored at that moment. The two ids also stand in the order of ids, so that a
-- pair is found whichever way round it was named.
create table decisions (
    sequence     integer not null primary key autoincrement,
    id           text    not null unique,
    a            text    not null,
    b            text    not null,
    low          text    not null,
    high         text    not null,
    form         text    not null,
    decision     text    not null check (decision in ('accept', 'reject', 'exclude', 'withdraw')),
    reason       text,
    comment      text,
    decided_by   text,
    corridor     text    not null,
    a_side       text    not null check (a_side in ('first', 'second')),
    score        real    not null,
    components   text    not null check (json_valid(components)),
    data_version text    not null,
    weights_hash text    not null,
    decided_at   integer not null,
    check (low < high),
    check (decision <> 'reject' or reason is not null)
) strict;

create index ix_decisions_pair on decisions (low, high, sequence);

create trigger ranking_profile_versions_are_never_updated before update on ranking_profile_versions
begin
    select raise(abort, 'ranking_profile_versions is append-only');
end;

create trigger ranking_profile_versions_are_never_deleted before delete on ranking_profile_versions
begin
    select raise(abort, 'ranking_profile_versions is append-only');
end;

create trigger ranking_profile_adoptions_are_never_updated before update on ranking_profile_adoptions
begin
    select raise(abort, 'ranking_profile_adoptions is append-only');
end;

create trigger ranking_profile_adoptions_are_never_deleted before delete on ranking_profile_adoptions
begin
    select raise(abort, 'ranking_profile_adoptions is append-only');
end;

create trigger decisions_are_never_updated before update on decisions
begin
    select raise(abort, 'decisions is append-only');
end;

create trigger decisions_are_never_deleted before delete on decisions
begin
    select raise(abort, 'decisions is append-only');
end;
