-- What creating requests were answered, for 24 hours: a repeated request gets the same answer and creates nothing.
create table idempotency_keys (
    caller     text    not null,
    key        text    not null,
    request    blob    not null,
    status     integer not null,
    headers    text    not null check (json_valid(headers)),
    body       blob    not null,
    created_at integer not null,
    primary key (caller, key)
) strict, without rowid;

create index ix_idempotency_keys_created_at on idempotency_keys (created_at);
