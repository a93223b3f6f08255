-- The change feed tells when a match run was asked for and how it ended; what was asked before there was a feed, too.
insert into changes (type, subject, data, occurred_at)
select type, subject, data, occurred_at
from (
    select 'match-run.queued' as type, id as subject, json_object('corridor', corridor, 'form', form) as data, created_at as occurred_at
    from match_runs
    union all
    select 'match-run.' || state, id, json_object('corridor', corridor, 'form', form, 'dataVersion', data_version), finished_at
    from match_runs where finished_at is not null
)
order by occurred_at, subject;

create trigger match_runs_are_changes after insert on match_runs
begin
    insert into changes (type, subject, data, occurred_at)
    values ('match-run.queued', new.id, json_object('corridor', new.corridor, 'form', new.form), new.created_at);
end;

create trigger ended_match_runs_are_changes after update of finished_at on match_runs when new.finished_at is not null and old.finished_at is null
begin
    insert into changes (type, subject, data, occurred_at)
    values ('match-run.' || new.state, new.id, json_object('corridor', new.corridor, 'form', new.form, 'dataVersion', new.data_version), new.finished_at);
end;
