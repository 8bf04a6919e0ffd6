#!/usr/bin/env bash
# tools/embed-schema: what it makes of steps, and which it refuses.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 1
n=0 bad=0

check() { # check NAME COMMAND...
    local name=$1
    shift
    n=$((n + 1))
    if "$@" > out 2>&1; then echo "ok $n - $name"; else
        bad=1
        echo "not ok $n - $name"
        sed 's/^/# /' out
    fi
}

refuses() { # refuses NAME WORDS: and leaves what was there
    check "$1" bash -c "! '$root/tools/embed-schema' steps out.c 2> err && grep -q '$2' err &&
        cmp before.c out.c"
}

mkdir steps
printf 'create table a (\n    t text -- "odd" \\ ??/ é\n);\n' > steps/0001-first.sql
echo 'create table b (n bigint);' > steps/0002-and-more.sql
echo 'notes' > steps/README
check 'it runs' "$root/tools/embed-schema" steps out.c
check 'the table compiles' gcc -std=gnu17 -Wall -Wextra -Werror -I"$root/src" -c -o out.o out.c
cat > show.c <<'END'
#include "store/migrate.h"
#include <stdio.h>
int main(void)
{
    for (unsigned i = 0; i < schema_migrations_n; i++)
        printf("%u %s\n%s", schema_migrations[i].number, schema_migrations[i].name,
            schema_migrations[i].text);
}
END
check 'it is used' gcc -std=gnu17 -I"$root/src" -o show show.c out.o
check 'numbers, names and texts are those of the files' cmp <(./show) \
    <(echo '1 first'; cat steps/0001-first.sql; echo '2 and-more'; cat steps/0002-and-more.sql)
cp out.c before.c
mv steps/0002-and-more.sql steps/0003-and-more.sql
refuses 'a hole' '0003-and-more.sql: number 0002 is expected'
mv steps/0003-and-more.sql steps/0001-and-more.sql
refuses 'a number twice' '0001-first.sql: number 0002 is expected'
mv steps/0001-and-more.sql steps/2-and-more.sql
refuses 'another form of name' 'call it like 0001-rooms.sql'
rm steps/*.sql
refuses 'no steps at all' 'there are no steps'

echo "1..$n"
exit $bad
