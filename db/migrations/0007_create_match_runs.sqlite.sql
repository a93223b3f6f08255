-- Match runs: what was asked and where each stands. The results of a run lie in a file of its own beside the database and never here.
create table match_runs (
    id           text    not null primary key,
    state        text    not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    corridor     text    not null,
    form         text    not null,
    role         text    not null check (role in ('any', 'supplier', 'buyer')),
    side         text             check (side in ('first', 'second', 'both')),
    asking       text             check (asking is null or json_valid(asking)),
    top          integer not null check (top >= 1),
    min_score    real    not null,
    profile      text,
    weights      text             check (weights is null or json_valid(weights)),
    weights_hash text    not null,
    balance      text    not null check (balance in ('none', 'market')),
    exposure_cap real             check (exposure_cap >= 1),
    market       text             check (market is null or json_valid(market)),
    is_automatic integer not null check (is_automatic in (0, 1)),
    enterprises  integer not null,
    pairs        integer not null,
    data_version text,
    items        integer,
    attempts     integer not null default 0,
    failure      text             check (failure is null or json_valid(failure)),
    created_at   integer not null,
    started_at   integer,
    finished_at  integer,
    check ((balance = 'market') = (exposure_cap is not null)),
    check ((profile is null) = (weights is not null)),
    check ((side is null) = (asking is not null))
) strict;

create index ix_match_runs_state on match_runs (state);
create index ix_match_runs_corridor on match_runs (corridor, weights_hash);
