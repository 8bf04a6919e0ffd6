/* The languages of rooms: how one connects, joins, says something and hears it, as a table of
 * texts. Letters a to e are the server's own five, s is the Socket.IO of a few lines that our peer
 * and npm's have in common, and w a plain WebSocket whose room is its path: every text goes to
 * everybody who is connected there, unchanged.
 *
 * In what is said stand: $ for the room, @ for the speaker's number, % for the text, and ! for a
 * true or false that changes with every message. */
#pragma once

enum say {
    SAY_CHAT,
    SAY_TYPING, /* that one writes; nothing is stored */
    SAY_MEDIA,  /* that a microphone is on or off; nothing is stored */
    SAY_STROKE, /* a line of 20 points on the whiteboard */
    SAY_COUNT,
};

/* For one thing to say. */
struct words {
    const char *say;       /* NULL: the language has no word for it */
    const char *heard;     /* how the message begins */
    const char *answered;  /* how its sender's copy does, if in another way */
    const char *mark;      /* what is in front of its text, or of the speaker's number */
    const char *flag_mark; /* between that number and the flag; NULL: there is a text */
    char end;              /* behind the text; 0: nothing comes */
    char is_others;        /* its sender gets no copy */
};

struct language {
    char letter;
    char makes_rooms;     /* whoever joins first makes the room */
    char has_one;         /* room for a connection, at most */
    char is_told_nothing; /* of who comes and goes, and needs no room that is made before */
    const char *path;
    const char *greeting; /* how the first packet begins that comes; NULL: none does */
    const char *enter;    /* a namespace of Socket.IO; NULL: none */
    const char *entered;  /* how the answer begins */
    const char *join;     /* NULL: connecting was enough */
    const char *joined;
    const char *refused; /* how an answer begins that says no; NULL: none does */
    struct words words[SAY_COUNT];
};

const struct language *language_find(char letter); /* NULL: there is none */
int say_find(const char *name);                    /* enum say, or -1 */
