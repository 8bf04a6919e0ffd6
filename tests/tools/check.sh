#!/usr/bin/env bash
# Every rule of `make check` can fail: each is given a small tree that breaks it, and must say so
# with the words expected; and one that keeps it, and must be silent.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
n=0 bad=0

# file PATH: puts standard input there
file() {
    mkdir -p "$tree/$(dirname "$1")"
    cat > "$tree/$1"
}

result() { # result PASS NAME OUTPUT
    n=$((n + 1))
    if [ "$1" = 1 ]; then echo "ok $n - $2"; else
        bad=1
        echo "not ok $n - $2"
        echo "$3" | sed 's/^/# /'
    fi
}

# fails RULE WORDS NAME, keeps RULE NAME: the tree breaks or keeps the rule; then it is emptied
fails() {
    local out status pass=0
    out=$("$root/tools/check-$1" "$tree" 2>&1) && status=0 || status=$?
    [ $status = 1 ] && [[ $out == *"$2"* ]] && pass=1
    result $pass "$1: $3" "exit $status: $out"
    rm -rf "${tree:?}"/*
}

keeps() {
    local out pass=0
    out=$("$root/tools/check-$1" "$tree" 2>&1) && [ -z "$out" ] && pass=1
    result $pass "$1: $2" "$out"
    rm -rf "${tree:?}"/*
}

repeat() { # repeat N TEXT
    for ((i = 0; i < $1; i++)); do printf '%s\n' "$2"; done
}

# ---- layers
file src/base/a.c <<< '#include "net/loop.h"'
fails layers 'base/ may include only' 'an include from an upper layer'
file src/room/a.c <<< '#include "net/loop.h"'
fails layers 'room/ may include only base, room' 'the engine includes base only'
file src/rtc/a.c <<< '#include "hub/hub.h"'
fails layers 'rtc/ may include only' 'media includes base, net, proto only'
file src/dialect/study/a.c <<< '#include "dialect/focus/focus.h"'
fails layers 'a dialect does not include another' 'a dialect includes another'
file src/misc/a.c <<< ''
fails layers 'is no layer' 'a folder that is no layer'
file src/web/a.c <<< '#include "server.h"'
file src/server.h <<< ''
fails layers 'web/ may include only' 'a layer includes the root'
file src/net/a.c <<< '#include "loop.h"'
fails layers 'write the path from src/' 'a path without its folder'
file src/net/a.c <<< $'/* #include "web/route.h" */\n#include "base/buf.h"\n#include "net/loop.h"'
file src/main.c <<< '#include "web/route.h"'
keeps layers 'downward includes, and one in a comment'

# ---- headers
file src/base/a.h <<< $'#pragma once\nsize_t a_len(void);'
fails headers 'does not compile alone' 'a header that needs another first'
file src/base/a.h <<< 'int a(void);'
fails headers "no '#pragma once'" 'a header without its guard'
file src/base/a.h <<< $'#pragma once\n#include <stddef.h>\nsize_t a_len(void);'
keeps headers 'a header that stands alone'

# ---- sizes
body() { # body LINES: a function
    printf 'int f(void)\n{\n'; repeat $(($1 - 1)) '    g();'; printf '    return 0;\n}\n'
}
body 91 | file src/base/a.c
fails sizes 'has 91 lines, the limit is 90' 'a function of 91 lines'
body 90 | file src/base/a.c
keeps sizes 'a function of 90 lines'
{ echo '/* size: a table */'; body 91; } | file src/base/a.c
keeps sizes 'a function of 91 lines with a reason'
{ printf '/* size: a table */\n\nint x;\n'; body 91; } | file src/base/a.c
fails sizes 'has 91 lines' 'a reason that stands elsewhere'
body 41 | sed 's/f(/in_chat(/' | file src/dialect/study/a.c
fails sizes 'the limit is 40' 'a handler of 41 lines'
file src/base/a.c <<< $'void f(int a, int b, int c, void (*d)(int, int), int e, int g, int h)\n{\n}'
fails sizes 'takes 7 parameters' 'seven parameters'
file src/base/a.c <<< $'void f(int a, int b, int c, void (*d)(int, int), int e, const char *g, ...)\n{\n}'
keeps sizes 'six parameters, one a function, and a variable list'
file src/base/a.c <<'C'
void f(void)
{
    for (;;)
        list_each(x, y) {
            switch (a) {
            case 1:
                if (a) {
                    g();
                } else if (b)
                    while (c)
                        g((struct s){ .x = 1 });
            }
        }
}
C
fails sizes 'nests 5 deep' 'five levels, with and without braces'
file src/base/a.c <<'C'
void f(void)
{
    if (a)
        g();
    else if (b)
        g();
    else if (c)
        g();
    else if (d)
        g();
    else if (e)
        for (;;)
            do {
                struct s s = { .a = { .b = { .c = { 1 } } } };
                if (d)
                    g(&s);
            } while (x);
}
C
keeps sizes 'four levels; else-if chains and initializers are none'
repeat 1001 'int x;' | file src/base/a.c
fails sizes '1001 lines, the limit is 1000' 'a source of 1001 lines'
repeat 201 'int x;' | file src/base/a.c
fails sizes 'open every header' 'a long file without a design comment'
{ echo '/* A. */'; repeat 250 'int x;'; } | file src/base/a.h
fails sizes '251 lines, the limit is 250' 'a header of 251 lines'
{ echo '/* A. size: every metric has a row */'; repeat 250 'int x;'; } | file src/base/a.h
keeps sizes 'a long header with a reason'
file tests/unit/a.c <<< "// $(printf '%98s' x)"
fails sizes '101 columns' 'a line of 101 columns'

# ---- banned
banned() { # banned CODE WORDS
    file src/base/a.c <<< "$1"
    fails banned "$2" "$1"
}
for call in strcpy strcat sprintf strtok sscanf gets atoi alloca rand system; do
    banned "int x = $call(a, b);" "'$call('"
done
banned 'if (memcmp(mac, want, 16) == 0)' 'CRYPTO_memcmp'
banned 'if (strcmp(token, want) == 0)' 'mac_is_equal'
banned 'if (strncasecmp(want, o->api_key, 8) == 0)' 'mac_is_equal'
banned 'if (slice_eq(want, slice_of(mac, MAC_BYTES)))' 'mac_is_equal'
banned 'if (slice_eq(u.password_hash, want))' 'mac_is_equal'
banned 'typedef struct a { int b; } a_t;' 'typedef function types only'
banned '#include "../base/buf.h"' 'write the path from src/'
banned "/* TO""DO: more */" 'do it, or say'
banned 'snprintf(s, n, "SELECT a FROM b WHERE c = %d", d);' 'bind the values'
banned 'snprintf(s, n, "select a from b where c = %d", d);' 'bind the values'
banned '    goto fail;' 'one label'
banned '    err |= f();' 'test each result'
file src/base/a.c <<< $'void f(void)\n{\n#ifdef X\n    g();\n#endif\n}'
fails banned '#if inside a function' 'a condition inside a function'
file src/base/utils.h <<< ''
fails banned 'name the module after' 'a hub header'
file src/base/a.c <<'C'
/* Neither strcpy() nor sscanf() in a comment counts. */
#ifdef X
#endif
static const char *help = "do not atoi(x)";
void f(void)
{
    snprintf(a, b, "%d", c);
    m->system(x);
    if (strcmp(keyword, name) == 0 || slice_eq(token_id, other) || slice_eq(machine, key))
        return;
    /* not secret: room names */
    if (memcmp(key, other_key, n) == 0)
        goto out;
out:
    ;
}
C
keeps banned 'words in comments and strings, members, a key that is no secret'

# ---- format
cp "$root/.clang-format" "$tree/.clang-format"
file src/base/a.c <<< 'int  f(void) {return 0;}'
fails format 'src/base/a.c: ' 'code that clang-format would change'
file src/base/a.c <<< $'int f(void)\n{\n    return 0;\n}'
keeps format 'code that it would not'

# ---- globals
object() { # object CODE
    echo "$1" | gcc -O0 -w -x c -c -o "$tree/a.o" -
}
object 'int counter = 1;'
fails globals "variable 'counter' can change" 'a global'
object 'int f(void) { static int calls; return ++calls; }'
fails globals "variable 'calls' can change" 'a static in a function'
object '_Thread_local int x;'
fails globals "variable 'x' can change" 'a thread-local'
object 'static int f(void) { return 0; } int (*const table[])(void) = { f }; int log_config;
    static const char *const names[] = { "a" }; const char *g(int i) { return names[i]; }'
keeps globals 'constant tables, pointers in them, and the configuration of the log'

# ---- generated
printf 'a.txt\techo two\n' | file tools/generated.list
file a.txt <<< one
fails generated 'a.txt: stale' 'a stale file'
printf 'a.txt\tfalse\n' | file tools/generated.list
fails generated 'its command failed' 'a command that fails'
printf 'a.txt\techo two\n' | file tools/generated.list
file a.txt <<< two
keeps generated 'a fresh file'
page() { # page TEXT: a page with a block that holds it
    printf '# Title\n<!-- rows -->\n%s\n<!-- /rows -->\nbehind it\n' "$1" | file a.md
    printf 'a.md#rows\techo two\n' | file tools/generated.list
}
page one
fails generated 'a.md: stale' 'a stale block'
page two
keeps generated 'a fresh block'
page two
printf '<!-- rows -->\n' >> "$tree/a.md"
fails generated 'must stand there once' 'a block that begins twice'
page two
sed -i '/<!-- .rows -->/d' "$tree/a.md"
fails generated 'must stand there once' 'a block without its end'
page one
"$root/tools/check-generated" --fix "$tree" > /dev/null
printf '# Title\n<!-- rows -->\ntwo\n<!-- /rows -->\nbehind it\n' > "$tree/want"
diff=$(diff "$tree/want" "$tree/a.md" 2>&1) && pass=1 || pass=0
result $pass 'generated: --fix writes the block, and leaves what is around it' "$diff"
rm -rf "${tree:?}"/*
page one
sed -i '/<!-- .rows -->/d' "$tree/a.md"
before=$(cat "$tree/a.md")
"$root/tools/check-generated" --fix "$tree" > /dev/null && pass=0 || pass=1
[ "$before" = "$(cat "$tree/a.md")" ] || pass=0
result $pass 'generated: --fix writes nothing where it does not know the place' "$before"
rm -rf "${tree:?}"/*

# ---- app
file app/src/features/x/A.tsx <<< "export const A = () => <p dangerouslySetInnerHTML={{ __html: x }} />;"
fails app 'make nodes' 'markup from texts'
file app/src/features/x/a.ts <<< "export const a = 'https://cdn.example.com/x.js';"
fails app 'no other origin' "another origin's address"
file app/src/features/x/a.test.ts <<< "const a = 'https://cdn.example.com/x.js';"
keeps app 'an address in a test'
file app/src/features/x/a.ts <<< "import { io } from 'socket.io-client';"
fails app 'only room/line.ts' 'a component with a socket of its own'
file app/src/features/x/a.ts <<< 'export const a = (b: any) => b;'
fails app 'say what it is' 'any'
file app/src/features/x/a.ts <<< 'console.log(1);'
fails app 'tell people' 'a line in the console'
file app/src/features/x/a.ts <<< "import { b } from '../y/b';"
fails app "as in '~/ui'" 'a path upwards'
file app/src/features/x/x.css <<< '.x { margin-left: 1px; }'
fails app 'inline-start' 'a side that does not mirror'
file app/src/features/x/x.css <<< '.x {
  color: #123456;
}'
fails app 'name the colour' 'a colour without a name'
file app/src/features/x/x.css <<< '.x {
  --ink: #123456;
  margin-inline-start: 1px;
  inset-inline: 0;
}'
keeps app 'sides that mirror, and a colour with a name'
repeat 401 'f();' | file app/src/features/x/a.ts
fails app 'the limit is 400' 'a long file'
file build/gen/static.json <<< '{ "style": 1, "lobby": 110001, "room": 1, "code": 1 }'
fails app 'the limit is 110 kB' 'a page that loads too much'

# ---- words
file docs/a.md <<< "see /wo""rk/main for more"
fails words 'one machine' "a machine's folder"
file docs/a.md <<< 'registry.npmjs'.org
fails words 'one machine' "a registry's host"
file tests/package-lock.json <<< '"resolved": "https://example.org/ws.tgz"'
fails words 'a lock without hosts' 'a lock that names hosts'
file docs/a.md <<< 'the net/work/ folder, ./root/x, $HOME/root/'
keeps words 'paths that only look alike'

echo "1..$n"
exit $bad
