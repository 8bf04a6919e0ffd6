/* size: a table. See languages.h. */
#include "languages.h"

#include <stddef.h>
#include <string.h>

#define SOCKETIO_PATH "/socket.io/?EIO=4&transport=websocket"

static const struct language languages[] = {
    { .letter = 'a',
        .path = SOCKETIO_PATH,
        .greeting = "0{",
        .enter = "40/rooms,",
        .entered = "40/rooms,{\"sid\"",
        .join = "42/rooms,0[\"joinRoom\",{\"roomId\":\"$\",\"name\":\"@\"}]",
        .joined = "43/rooms,0[{\"ok\":true",
        .refused = "43/rooms,0[{\"ok\":false",
        .words = {
            [SAY_CHAT] = { .say = "42/rooms,[\"chat:message\",{\"roomId\":\"$\",\"text\":\"%\"}]",
                .heard = "42/rooms,[\"chat:message\",",
                .mark = "\"text\":\"",
                .end = '"' },
            [SAY_TYPING] = { .say = "42/rooms,[\"presence:typing\",{\"roomId\":\"$\","
                                    "\"isTyping\":!}]",
                .heard = "42/rooms,[\"presence:typing\",",
                .mark = "\"name\":\"",
                .flag_mark = "\",\"isTyping\":",
                .is_others = 1 },
            [SAY_MEDIA] = { .say = "42/rooms,[\"media:update\",{\"roomId\":\"$\",\"audio\":!}]",
                .heard = "42/rooms,[\"media:update\",",
                .mark = "\"name\":\"",
                .flag_mark = "\",\"audio\":" },
            [SAY_STROKE] = { .say = "42/rooms,[\"whiteboard:draw\",{\"roomId\":\"$\","
                                    "\"ops\":[{\"id\":\"%}]}]",
                .heard = "42/rooms,[\"whiteboard:update\",",
                .mark = "\"ops\":[{\"id\":\"",
                .end = '}',
                .is_others = 1 },
        } },
    { .letter = 'b',
        .makes_rooms = 1,
        .path = SOCKETIO_PATH,
        .greeting = "0{",
        .enter = "40",
        .entered = "40{\"sid\"",
        .join = "420[\"join-session\",{\"sessionId\":\"$\",\"userName\":\"@\"}]",
        .joined = "430[{\"ok\":true",
        .refused = "430[{\"ok\":false",
        .words = {
            [SAY_CHAT] = { .say = "421[\"chat-message\",{\"sessionId\":\"$\",\"message\":\"%\"}]",
                .heard = "42[\"chat-message\",",
                .answered = "431[{\"ok\":true",
                .mark = "\"message\":\"",
                .end = '"' },
        } },
    { .letter = 'c',
        .makes_rooms = 1,
        .has_one = 1,
        .path = "/ws/rooms/$",
        .greeting = "{\"type\":\"state\"",
        .join = "{\"type\":\"join\",\"name\":\"@\"}",
        .joined = "{\"type\":\"state\"",
        .refused = "{\"type\":\"error\"",
        .words = {
            [SAY_CHAT] = { .say = "{\"type\":\"chat\",\"text\":\"%\"}",
                .heard = "{\"type\":\"chat\"",
                .mark = "\"text\":\"",
                .end = '"' },
            [SAY_MEDIA] = { .say = "{\"type\":\"media:update\",\"audio\":!}",
                .heard = "{\"type\":\"media:update\"",
                .mark = "\"name\":\"",
                .flag_mark = "\",\"audio\":" },
        } },
    { .letter = 'd',
        .path = "/",
        .join = "{\"type\":\"JOIN_ROOM\",\"roomId\":\"$\",\"username\":\"@\"}",
        .joined = "{\"type\":\"JOIN_APPROVED\"",
        .refused = "{\"type\":\"ERROR\"",
        .words = {
            [SAY_CHAT] = { .say = "{\"type\":\"CHAT_MESSAGE\",\"roomId\":\"$\",\"text\":\"%\"}",
                .heard = "{\"type\":\"CHAT_MESSAGE\"",
                .mark = "\"text\":\"",
                .end = '"' },
        } },
    { .letter = 'e',
        .path = SOCKETIO_PATH,
        .greeting = "0{",
        .enter = "40",
        .entered = "40{\"sid\"",
        .join = "420[\"join-room\",{\"roomId\":\"$\",\"displayName\":\"@\"}]",
        .joined = "430[{\"ok\":true",
        .refused = "430[{\"ok\":false",
        .words = {
            [SAY_CHAT] = { .say = "42[\"chat\",{\"roomId\":\"$\",\"text\":\"%\"}]",
                .heard = "42[\"chat\",",
                .mark = "\"text\":\"",
                .end = '"' },
        } },
    { .letter = 's',
        .makes_rooms = 1,
        .is_told_nothing = 1,
        .path = SOCKETIO_PATH,
        .greeting = "0{",
        .enter = "40",
        .entered = "40{\"sid\":\"",
        .join = "420[\"join\",\"$\"]",
        .joined = "430[",
        .words = {
            [SAY_CHAT] = { .say = "42[\"msg\",\"$\",\"%\"]",
                .heard = "42[\"msg\",\"",
                .mark = "42[\"msg\",\"",
                .end = '"' },
        } },
#define A_TEXT                              \
    {                                       \
        .say = "%", .heard = "", .mark = "" \
    }
    { .letter = 'w',
        .makes_rooms = 1,
        .has_one = 1,
        .is_told_nothing = 1,
        .path = "/rooms/$",
        .words = { A_TEXT, A_TEXT, A_TEXT, A_TEXT } },
};

const struct language *language_find(char letter)
{
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        if (languages[i].letter == letter)
            return &languages[i];
    }
    return NULL;
}

int say_find(const char *name)
{
    static const char *const names[] = {
        [SAY_CHAT] = "chat",
        [SAY_TYPING] = "typing",
        [SAY_MEDIA] = "media",
        [SAY_STROKE] = "stroke",
    };

    for (int i = 0; i < SAY_COUNT; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}
