#include "pg_server.h"

#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM    "tests/tools/postgres"
#define LINE_BYTES 4096
#define URLS       4

extern char **environ;

struct pg_server {
    pid_t pid; /* 0: there is none */
    FILE *to;
    FILE *from;
    char line[LINE_BYTES];
    char urls[URLS][256];
    unsigned n_urls;
};

/* What it answers, without its "ok "; NULL when it says anything else. */
static const char *answer_to(struct pg_server *s, const char *word, const char *rest)
{
    s->line[0] = '\0';
    if (s->pid == 0)
        return NULL;
    if (word)
        fprintf(s->to, "%s %s\n", word, rest);
    fflush(s->to);
    if (fgets(s->line, sizeof(s->line), s->from))
        s->line[strcspn(s->line, "\n")] = '\0';
    bool is_ok = strncmp(s->line, "ok", 2) == 0 && (s->line[2] == ' ' || s->line[2] == '\0');
    if (!is_ok) {
        ok(false, "the PostgreSQL server does what it is told: %s", word ? word : "begin");
        note("%s", s->line);
        return NULL;
    }
    return s->line[2] ? s->line + 3 : s->line + 2;
}

/* Its two ends must not be inherited by another that is started later: it would never end. */
static pid_t launch(int to[2], int from[2])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    char *argv[] = { (char *)(uintptr_t)PROGRAM, NULL };
    pid_t pid = 0;
    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    int error = posix_spawn(&pid, PROGRAM, &actions, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    ok(error == 0, "%s is started", PROGRAM);
    return error == 0 ? pid : 0;
}

struct pg_server *pg_server_start(void)
{
    struct pg_server *s = calloc(1, sizeof(*s));
    int to[2], from[2];
    if (!s || pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        abort();
    s->pid = launch(to, from);
    close(to[0]);
    close(from[1]);
    s->to = fdopen(to[1], "w");
    s->from = fdopen(from[0], "r");
    (void)answer_to(s, NULL, NULL);
    return s;
}

void pg_server_end(struct pg_server *s)
{
    fclose(s->to);
    if (s->pid > 0)
        waitpid(s->pid, NULL, 0);
    fclose(s->from);
    free(s);
}

const char *pg_server_fresh(struct pg_server *s)
{
    const char *url = answer_to(s, "fresh", "");
    char *kept = s->urls[s->n_urls++ % URLS];
    snprintf(kept, sizeof(s->urls[0]), "%s", url ? url : "postgresql://127.0.0.1:1/none");
    return kept;
}

void pg_server_do(struct pg_server *s, const char *word)
{
    (void)answer_to(s, word, "");
}

const char *pg_server_sql(struct pg_server *s, const char *text)
{
    const char *rows = answer_to(s, "sql", text);
    return rows ? rows : "";
}
