-- Who has focused from when to when: a row for each stretch of a person in a room. Made from the
-- log, like the tables of rooms, but they are the person's: they stay when the room is forgotten,
-- and go with the account.

create table focus_stretches (
    userId text not null,
    startedAt bigint not null,
    roomId text not null,
    endedAt bigint not null,
    primary key (userId, startedAt, roomId)
);

-- A person's newest.
create index files_newest on files (userId, createdAt, id)
    where purpose = 'shared' and isComplete = 1 and isDoomed = 0;
