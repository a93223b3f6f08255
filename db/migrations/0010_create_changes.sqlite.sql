-- The change feed: one row a change, written by the statement that makes the change and so in its transaction. There is one writer at a time
-- and a transaction that is undone gives its numbers back, so the order is that of commits and has no gaps. Never personal data.
create table changes (
    sequence    integer not null primary key autoincrement,
    type        text    not null,
    subject     text    not null,
    data        text    not null check (json_valid(data)),
    occurred_at integer not null
) strict;

create trigger changes_are_never_updated before update on changes
begin
    select raise(abort, 'changes is append-only');
end;

create trigger changes_are_never_deleted before delete on changes
begin
    select raise(abort, 'changes is append-only');
end;

-- What happened before there was a feed.
insert into changes (type, subject, data, occurred_at)
select type, subject, data, occurred_at
from (
    select 'enterprise.' || case operation when 'replaced' then 'updated' else operation end as type, enterprise_id as subject,
           json_object('revision', revision) as data, changed_at as occurred_at, 0 as kind, sequence
    from enterprise_revisions
    union all
    select 'decision.made', id, json_object('a', a, 'b', b, 'form', form, 'decision', decision), decided_at, 1, sequence
    from decisions
)
order by occurred_at, kind, sequence;

create trigger enterprise_revisions_are_changes after insert on enterprise_revisions
begin
    insert into changes (type, subject, data, occurred_at)
    values ('enterprise.' || case new.operation when 'replaced' then 'updated' else new.operation end, new.enterprise_id, json_object('revision', new.revision), new.changed_at);
end;

create trigger decisions_are_changes after insert on decisions
begin
    insert into changes (type, subject, data, occurred_at)
    values ('decision.made', new.id, json_object('a', new.a, 'b', new.b, 'form', new.form, 'decision', new.decision), new.decided_at);
end;
