-- Who is told of the changes of match runs and watches stays known when those are gone: the portal that asked, or everybody (the runs that the
-- service began by itself). Neither: staff alone, as what was removed before this was kept.
alter table changes add column owner text;
alter table changes add column is_for_all integer not null default 0 check (is_for_all in (0, 1));

drop trigger changes_are_never_updated;

update changes
set owner = (select r.owner from match_runs r where r.id = subject),
    is_for_all = coalesce((select r.is_automatic = 1 and r.owner is null from match_runs r where r.id = subject), 0)
where type like 'match-run.%';

update changes set owner = (select w.owner from watches w where w.id = subject) where type = 'watch.matched';

create trigger changes_are_never_updated before update on changes
begin
    select raise(abort, 'changes is append-only');
end;

drop trigger match_runs_are_changes;

create trigger match_runs_are_changes after insert on match_runs
begin
    insert into changes (type, subject, data, owner, is_for_all, occurred_at)
    values ('match-run.queued', new.id, json_object('corridor', new.corridor, 'form', new.form), new.owner, new.is_automatic = 1 and new.owner is null, new.created_at);
end;

drop trigger ended_match_runs_are_changes;

create trigger ended_match_runs_are_changes after update of finished_at on match_runs when new.finished_at is not null and old.finished_at is null
begin
    insert into changes (type, subject, data, owner, is_for_all, occurred_at)
    values (
        'match-run.' || new.state, new.id, json_object('corridor', new.corridor, 'form', new.form, 'dataVersion', new.data_version),
        new.owner, new.is_automatic = 1 and new.owner is null, new.finished_at);
end;

drop trigger watch_matches_are_changes;

create trigger watch_matches_are_changes after insert on watch_matches
begin
    insert into changes (type, subject, data, owner, occurred_at)
    select 'watch.matched', new.watch_id, json_object('enterprise', w.enterprise_id, 'partner', new.enterprise_id, 'score', new.score, 'dataVersion', new.data_version), w.owner, new.matched_at
    from watches w where w.id = new.watch_id;
end;
