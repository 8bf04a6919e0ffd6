-- Accounts, files, revoked tokens. Times are milliseconds since 1970, booleans 0 or 1.

create table users (
    id text not null primary key,
    name text not null,
    email text not null unique,
    passwordHash text not null,
    avatarUrl text not null,
    createdAt bigint not null,
    isAdmin smallint not null,
    isDisabled smallint not null
);

-- Everything of a file but its content. roomId is null where no room has it, or its room is gone.
create table files (
    id text not null primary key,
    roomId text,
    userId text not null,
    name text not null,
    type text not null,
    purpose text not null, -- shared, board, avatar
    bytes bigint not null,
    isComplete smallint not null,
    isRemote smallint not null,
    isDoomed smallint not null,
    createdAt bigint not null
);

-- They give pages, and the sums that quotas are about, without a look into the table.
create index files_of_room on files (roomId, id, bytes);
create index files_of_user on files (userId, id, bytes);
create index files_doomed on files (id) where isDoomed = 1;
create index files_awaited on files (id) where isComplete = 0;

-- What would be too slow to add up each time: "files" is the bytes of all of them.
create table totals (
    name text not null primary key,
    amount bigint not null
);

-- Tokens that hold no more: of the subject, those made before beforeAt. Of no interest any more
-- after untilAt.
create table revocations (
    subject text not null primary key,
    beforeAt bigint not null,
    untilAt bigint not null
);

create index revocations_until on revocations (untilAt);
