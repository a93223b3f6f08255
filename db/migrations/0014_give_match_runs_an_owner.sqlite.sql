-- The portal that a match run was asked for by; null for those of callers that are bound to none, and for automatic ones that are everybody's.
alter table match_runs add column owner text;
