-- Who may call: of a key only the hash is kept. A key that was revoked or has expired stays, so that the audit trail can name it.
create table api_keys (
    id           text    not null primary key,
    name         text    not null,
    hash         blob    not null check (length(hash) = 32),
    scopes       text    not null check (json_valid(scopes)),
    owner        text,
    created_at   integer not null,
    expires_at   integer,
    last_used_at integer,
    revoked_at   integer
) strict;

create index ix_api_keys_created_at on api_keys (created_at, id);

-- The portal that keeps an enterprise; lists and imports ask for it.
alter table enterprises add column owner text generated always as (json_extract(profile, '$.owner')) virtual;

-- For whom an import stores its rows: it may run long after the request, and after a restart.
alter table imports add column caller text check (caller is null or json_valid(caller));

-- Who is writing: set at the start of a write transaction and emptied before its end. Where it is empty the service itself writes.
create table audit_context (
    only       integer not null primary key check (only = 1),
    actor      text,
    address    text,
    user_agent text,
    trace_id   text
) strict;

insert into audit_context (only) values (1);

-- Append-only, filled by triggers, so that no write can pass it by. Contacts and secrets never enter it.
create table audit_trail (
    sequence    integer not null primary key autoincrement,
    at          integer not null,
    actor       text    not null,
    address     text,
    user_agent  text,
    trace_id    text,
    resource    text    not null,
    resource_id text    not null,
    operation   text    not null check (operation in ('created', 'replaced', 'deleted')),
    revision    integer,
    before      text             check (before is null or json_valid(before)),
    after       text             check (after is null or json_valid(after))
) strict;

create index ix_audit_trail_resource on audit_trail (resource, resource_id, sequence);
create index ix_audit_trail_actor on audit_trail (actor, sequence);
create index ix_audit_trail_at on audit_trail (at);

create trigger audit_trail_is_never_updated before update on audit_trail
begin
    select raise(abort, 'audit_trail is append-only');
end;

create trigger audit_trail_is_never_deleted before delete on audit_trail
begin
    select raise(abort, 'audit_trail is append-only');
end;

create view audit_writer as
select cast(unixepoch('subsec') * 1000 as integer) as at, coalesce(actor, 'service') as actor, address, user_agent, trace_id
from audit_context;

-- What a profile was before and after is kept by its revisions already.
create trigger audit_enterprise_revisions_insert after insert on enterprise_revisions
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, revision)
    select at, actor, address, user_agent, trace_id, 'enterprise', new.enterprise_id, new.operation, new.revision from audit_writer;
end;

create trigger audit_corridors_insert after insert on corridors
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, after)
    select at, actor, address, user_agent, trace_id, 'corridor', new.id, 'created', new.corridor from audit_writer;
end;

create trigger audit_corridors_update after update on corridors
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before, after)
    select at, actor, address, user_agent, trace_id, 'corridor', new.id, 'replaced', old.corridor, new.corridor from audit_writer;
end;

create trigger audit_corridors_delete after delete on corridors
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before)
    select at, actor, address, user_agent, trace_id, 'corridor', old.id, 'deleted', old.corridor from audit_writer;
end;

create trigger audit_competency_aliases_insert after insert on competency_aliases
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, after)
    select at, actor, address, user_agent, trace_id, 'competency-alias', new.id, 'created', json_object('code', new.code, 'lang', new.lang, 'text', new.text) from audit_writer;
end;

create trigger audit_competency_aliases_update after update on competency_aliases
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before, after)
    select at, actor, address, user_agent, trace_id, 'competency-alias', new.id, 'replaced',
           json_object('code', old.code, 'lang', old.lang, 'text', old.text), json_object('code', new.code, 'lang', new.lang, 'text', new.text) from audit_writer;
end;

create trigger audit_competency_aliases_delete after delete on competency_aliases
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before)
    select at, actor, address, user_agent, trace_id, 'competency-alias', old.id, 'deleted', json_object('code', old.code, 'lang', old.lang, 'text', old.text) from audit_writer;
end;

create trigger audit_api_keys_insert after insert on api_keys
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, after)
    select at, actor, address, user_agent, trace_id, 'api-key', new.id, 'created',
           json_object('name', new.name, 'scopes', json(new.scopes), 'owner', new.owner, 'expiresAt', new.expires_at, 'revokedAt', new.revoked_at) from audit_writer;
end;

-- That a key was used is no change of it.
create trigger audit_api_keys_update after update on api_keys
when new.last_used_at is old.last_used_at
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before, after)
    select at, actor, address, user_agent, trace_id, 'api-key', new.id, 'replaced',
           json_object('name', old.name, 'scopes', json(old.scopes), 'owner', old.owner, 'expiresAt', old.expires_at, 'revokedAt', old.revoked_at),
           json_object('name', new.name, 'scopes', json(new.scopes), 'owner', new.owner, 'expiresAt', new.expires_at, 'revokedAt', new.revoked_at) from audit_writer;
end;

create trigger audit_api_keys_delete after delete on api_keys
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before)
    select at, actor, address, user_agent, trace_id, 'api-key', old.id, 'deleted',
           json_object('name', old.name, 'scopes', json(old.scopes), 'owner', old.owner, 'expiresAt', old.expires_at, 'revokedAt', old.revoked_at) from audit_writer;
end;

-- Of what is append-only itself, each new row is a change.
create trigger audit_ranking_profile_versions_insert after insert on ranking_profile_versions
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, revision, before, after)
    select at, actor, address, user_agent, trace_id, 'ranking-profile', new.profile_id,
           iif(new.profile is null, 'deleted', iif(new.version = 1, 'created', 'replaced')), new.version,
           (select profile from ranking_profile_versions where profile_id = new.profile_id and version = new.version - 1), new.profile from audit_writer;
end;

create trigger audit_ranking_profile_adoptions_insert after insert on ranking_profile_adoptions
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, before, after)
    select at, actor, address, user_agent, trace_id, 'ranking-profile-adoption', new.form, 'replaced',
           (select json_object('profileId', profile_id, 'version', version) from ranking_profile_adoptions where form = new.form and sequence < new.sequence order by sequence desc limit 1),
           json_object('profileId', new.profile_id, 'version', new.version) from audit_writer;
end;

create trigger audit_decisions_insert after insert on decisions
begin
    insert into audit_trail (at, actor, address, user_agent, trace_id, resource, resource_id, operation, after)
    select at, actor, address, user_agent, trace_id, 'decision', new.id, 'created',
           json_object('a', new.a, 'b', new.b, 'form', new.form, 'decision', new.decision, 'reason', new.reason) from audit_writer;
end;
