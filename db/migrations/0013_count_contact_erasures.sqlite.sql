-- Erasing contacts changes what is answered of an enterprise, but not its profile, and has no revision: it is counted here, so that the ETag tells it.
alter table enterprises add column contact_erasures integer not null default 0;
