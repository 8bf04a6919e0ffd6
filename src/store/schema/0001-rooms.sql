-- Rooms. The log is the truth; the tables that people ask for by name (rooms, room_users, messages,
-- chat_messages, whiteboard_snapshots, violations, submissions, join_attempts, kick_events) are made
-- from it in the same transactions, and nothing but lists and pages is read from them. So they refer
-- to each other by their ids alone. Times are milliseconds since 1970, booleans 0 or 1.

-- ---- the log

-- A room's log as a whole. epoch: of its newest load, which alone may append. activeAt: of the newest
-- event.
create table logs (
    roomId text not null primary key,
    epoch text not null,
    loads bigint not null,
    lastSeq bigint not null,
    snapshotSeq bigint not null, -- 0: there is none
    isFleeting smallint not null,
    activeAt bigint not null
);

-- The newest loads of each room, with the last number that was stored before.
create table epochs (
    roomId text not null,
    number bigint not null,
    name text not null,
    sinceSeq bigint not null,
    primary key (roomId, number)
);

-- What happened, as JSON.
create table events (
    roomId text not null,
    seq bigint not null,
    type text not null,
    createdAt bigint not null,
    record text not null,
    primary key (roomId, seq)
);

-- The newest snapshot of each room: its records, a line each, in parts.
create table room_snapshots (
    roomId text not null,
    seq bigint not null,
    part bigint not null,
    records text not null,
    primary key (roomId, seq, part)
);

-- ---- rooms

-- duration: minutes, rounded up; durationMs says it exactly. 0: no end. maxGuests 0: no limit.
-- startedAt: of those that wait to be started.
create table rooms (
    roomId text not null primary key,
    hostId text not null, -- '': nobody's
    roomname text not null,
    maxGuests bigint not null,
    question text not null,
    duration bigint not null,
    isPublic smallint not null,
    status text not null, -- WAITING, LIVE, ENDED
    createdAt bigint not null,
    startedAt bigint,
    endedAt bigint,
    mode text not null, -- study, focus, call, interview
    approval smallint not null,
    isLocked smallint not null,
    relayOnly smallint not null,
    timerByHosts smallint not null,
    durationMs bigint not null,
    focusMs bigint not null,
    breakMs bigint not null,
    longBreakMs bigint not null,
    rounds bigint not null,
    autoFocus smallint not null,
    warnAt bigint not null,
    autoSubmitAt bigint not null
);

-- The lists: of everybody, of one person, of all; without those that have ended.
create index rooms_public on rooms (isPublic, createdAt, roomId) where status <> 'ENDED';
create index rooms_of_host on rooms (hostId, isPublic, createdAt, roomId) where status <> 'ENDED';
create index rooms_open on rooms (createdAt, roomId) where status <> 'ENDED';

create table room_users (
    id text not null, -- roomId:userId
    roomId text not null,
    userId text not null,
    username text not null,
    status text not null, -- PENDING, APPROVED, REJECTED, KICKED
    violationCount bigint not null default 0,
    hasSubmitted smallint not null default 0,
    joinedAt bigint not null, -- or, of those who wait, when they asked
    leftAt bigint,
    role text not null, -- participant, cohost, host: what it is when it is let in
    isGuest smallint not null,
    avatarUrl text not null,
    primary key (roomId, userId)
);

create index room_users_of_user on room_users (userId);

-- ---- what people did. An id, but for a message's, a snapshot's and a submission's own, is roomId:seq

create table messages (
    id text not null,
    roomId text not null,
    senderId text not null, -- '': the room itself
    text text not null,
    attachments text not null, -- a JSON array, or ''
    timestamp bigint not null,
    seq bigint not null,
    senderName text not null,
    recipientId text, -- of a private message
    replyTo text not null,
    kind text not null, -- text, emoji, system
    editedAt bigint,
    primary key (roomId, seq)
);

create index messages_by_id on messages (roomId, id, seq);

create view chat_messages as
select roomId as sessionId, senderId as userId, senderName as userName, text as message,
    kind as messageType, timestamp as createdAt, coalesce(editedAt, timestamp) as updatedAt
from messages;

create table whiteboard_snapshots (
    id text not null,
    roomId text not null,
    dataUrl text not null, -- of a picture, or ''
    createdAt bigint not null,
    savedBy text not null,
    seq bigint not null,
    primary key (roomId, seq)
);

create table violations (
    id text not null,
    roomId text not null,
    userId text not null,
    type text not null, -- FULLSCREEN_EXIT, TAB_SWITCH, PASTE, COPY, DISCONNECT
    timestamp bigint not null,
    violationCount bigint not null, -- of this person so far
    typeCount bigint not null, -- of this type
    seq bigint not null,
    primary key (roomId, seq)
);

create table submissions (
    id text not null,
    roomId text not null,
    userId text not null,
    code text not null,
    language text not null,
    submittedAt bigint not null,
    isAutomatic smallint not null, -- time ran out, or there were too many violations
    seq bigint not null,
    primary key (roomId, seq)
);

create table join_attempts (
    id text not null,
    roomId text not null,
    userId text not null,
    username text not null,
    status text not null, -- PENDING, APPROVED, REJECTED
    timestamp bigint not null,
    decidedBy text, -- '': the room itself
    decidedAt bigint,
    seq bigint not null,
    primary key (roomId, seq)
);

create index join_attempts_pending on join_attempts (roomId, userId) where status = 'PENDING';

create table kick_events (
    id text not null,
    roomId text not null,
    userId text not null,
    reason text not null,
    kickedAt bigint not null,
    kickedBy text not null, -- '': the room itself
    seq bigint not null,
    primary key (roomId, seq)
);
