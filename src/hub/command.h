/* A verb with its arguments, as a value: what a dialect's handler or a route asks of a room. */
#pragma once

#include "room/verb.h"

struct command {
    enum verb verb;
    struct slice id; /* that the client gives: of CHAT, SAY, REPORT, SUBMIT; empty: it has none */
    union {
        struct room_join join;
        struct {
            struct slice user_id;
            bool is_approved;
        } approve;
        struct room_update update;
        struct {
            struct slice message;
        } end;
        struct {
            struct slice user_id;
            enum role role;
        } role;
        struct {
            struct slice user_id;
            struct slice kind;
        } mute;
        struct {
            struct slice user_id;
            struct slice reason;
        } kick;
        struct {
            struct slice user_id;
        } readmit;
        struct {
            bool is_raised;
        } hand;
        struct room_media media;
        struct {
            bool is_typing;
        } typing;
        struct room_signal signal;
        struct room_chat chat;
        struct room_say say;
        struct {
            struct slice id;
            struct slice text; /* of CHAT_EDIT */
        } message;             /* CHAT_EDIT, CHAT_DELETE */
        struct room_file file;
        struct {
            struct slice ops;
        } draw;
        struct {
            struct slice op_id;
        } undraw;
        struct {
            struct slice url;
        } save;
        struct {
            struct slice data;
        } cursor;
        struct room_timer timer;
        struct room_goal goal;
        struct {
            enum report_kind kind;
        } report;
        struct room_code code; /* CODE, SUBMIT */
    };
};

/* Runs it. `joined` is set by JOIN. */
int command_run(enum join_result *joined, struct events *out, struct room *r, const struct deed *d,
    const struct command *c) MUST_CHECK;
