-- Imports and what came of them. Their rows are staged in a file of their own beside the database and never here.
create table imports (
    id          text    not null primary key,
    state       text    not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    format      text    not null check (format in ('csv', 'ndjson', 'xlsx')),
    mode        text    not null check (mode in ('all', 'partial')),
    dry_run     integer not null check (dry_run in (0, 1)),
    is_job      integer not null check (is_job in (0, 1)),
    size        integer not null,
    attempts    integer not null default 0,
    report      text             check (report is null or json_valid(report)),
    failure     text             check (failure is null or json_valid(failure)),
    created_at  integer not null,
    started_at  integer,
    finished_at integer
) strict;

create index ix_imports_state on imports (state);
