-- Who is told of changes. The outbox is the change feed itself: what an endpoint has not been told yet lies after its position.
create table webhooks (
    id              text    not null primary key,
    url             text    not null,
    description     text,
    types           text    not null check (json_valid(types)),
    is_enabled      integer not null check (is_enabled in (0, 1)),
    secret          text    not null,
    previous_secret text,
    previous_until  integer,
    position        integer not null,
    last_success_at integer,
    last_failure_at integer,
    last_failure    text,
    failures_in_row integer not null default 0,
    revision        integer not null check (revision >= 1),
    created_at      integer not null,
    updated_at      integer not null
) strict;

-- Messages that are under way: taken from the feed in the transaction that moves the position on, removed when they were received.
create table webhook_messages (
    id              text    not null primary key,
    webhook_id      text    not null references webhooks (id) on delete cascade,
    sequence        integer not null references changes (sequence),
    state           text    not null check (state in ('waiting', 'dead')),
    attempts        integer not null default 0,
    next_attempt_at integer not null,
    last_failure    text,
    created_at      integer not null,
    unique (webhook_id, sequence)
) strict;

create index ix_webhook_messages_due on webhook_messages (state, next_attempt_at);

-- Saved searches: who is told when a new enterprise scores well for which.
create table watches (
    id            text    not null primary key,
    name          text,
    enterprise_id text    not null references enterprises (id) on delete cascade,
    corridor      text    not null,
    form          text    not null,
    role          text    not null check (role in ('any', 'supplier', 'buyer')),
    profile       text,
    min_score     real    not null,
    after         integer not null,
    owner         text,
    created_at    integer not null
) strict;

create index ix_watches_enterprise_id on watches (enterprise_id);

-- What a watch was told of already: each enterprise once.
create table watch_matches (
    watch_id      text    not null references watches (id) on delete cascade,
    enterprise_id text    not null,
    score         real    not null,
    data_version  text    not null,
    matched_at    integer not null,
    primary key (watch_id, enterprise_id)
) strict, without rowid;

create trigger watch_matches_are_changes after insert on watch_matches
begin
    insert into changes (type, subject, data, occurred_at)
    select 'watch.matched', new.watch_id, json_object('enterprise', w.enterprise_id, 'partner', new.enterprise_id, 'score', new.score, 'dataVersion', new.data_version), new.matched_at
    from watches w where w.id = new.watch_id;
end;

-- Up to which change watches have certainly been looked through, in the one row. What is looked through again is not told again.
create table watch_position (
    only_row integer not null primary key check (only_row = 1),
    sequence integer not null
) strict;

insert into watch_position (only_row, sequence) select 1, coalesce(max(sequence), 0) from changes;

-- The audit trail of both, and of contacts that were erased. Secrets are no part of it, and neither is how deliveries go.
create trigger audit_webhooks_insert after insert on webhooks
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, after)
    select at, actor, address, user_agent, trace_id, 'webhook', new.id, 'created',
           json_object('url', new.url, 'description', new.description, 'types', json(new.types), 'enabled', new.is_enabled) from audit_writer;
end;

create trigger audit_webhooks_update after update of url, description, types, is_enabled, secret on webhooks
when new.revision <> old.revision
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before, after)
    select at, actor, address, user_agent, trace_id, 'webhook', new.id, 'replaced',
           json_object('url', old.url, 'description', old.description, 'types', json(old.types), 'enabled', old.is_enabled),
           json_object('url', new.url, 'description', new.description, 'types', json(new.types), 'enabled', new.is_enabled) from audit_writer;
end;

create trigger audit_webhooks_delete after delete on webhooks
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before)
    select at, actor, address, user_agent, trace_id, 'webhook', old.id, 'deleted',
           json_object('url', old.url, 'description', old.description, 'types', json(old.types), 'enabled', old.is_enabled) from audit_writer;
end;

create trigger audit_watches_insert after insert on watches
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, after)
    select at, actor, address, user_agent, trace_id, 'watch', new.id, 'created',
           json_object('name', new.name, 'enterprise', new.enterprise_id, 'form', new.form, 'minScore', new.min_score, 'owner', new.owner) from audit_writer;
end;

create trigger audit_watches_delete after delete on watches
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before)
    select at, actor, address, user_agent, trace_id, 'watch', old.id, 'deleted',
           json_object('name', old.name, 'enterprise', old.enterprise_id, 'form', old.form, 'minScore', old.min_score, 'owner', old.owner) from audit_writer;
end;

create trigger audit_erased_contacts after insert on changes
when new.type = 'enterprise.contacts-erased'
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation)
    select at, actor, address, user_agent, trace_id, 'contacts', new.subject, 'deleted' from audit_writer;
end;
