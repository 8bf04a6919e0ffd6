#!/usr/bin/env bash
# tools/embed: encodings, hashed names, odd names, and what it refuses.
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

row() { # row PATH: the lines of one file in the table
    awk -v want="\"$1\"" '/^    {/ { text = "" } { text = text $0 "\n" }
        /^    }/ && index(text, ".path = { .p = " want) { printf "%s", text }' assets.c
}

part() { # part PATH FORM: the bytes of one form, as the table says
    local where
    where=$(row "$1" | sed -n "s/.*\.$2 = { \.p = bytes + \([0-9]*\), \.len = \([0-9]*\) }.*/\1 \2/p")
    [ -n "$where" ] && tail -c "+$((${where% *} + 1))" assets.bin | head -c "${where#* }"
}

mkdir -p site/sub site/.git
for ((i = 0; i < 200; i++)); do echo "body { margin: $i }"; done > site/app.0123abcd.css
head -c 3000 /dev/urandom > site/noise.png
echo 'a quote' > 'site/sub/odd "name"?.txt'
echo secret > site/.git/config.txt
echo secret > site/.hidden.txt

check 'it runs' "$root/tools/embed" site assets.c assets.S
check 'the plain form' cmp <(part /app.0123abcd.css raw) site/app.0123abcd.css
check 'the gzip form' cmp <(part /app.0123abcd.css gzip | gzip -dc) site/app.0123abcd.css
check 'the brotli form' cmp <(part /app.0123abcd.css br | brotli -dc) site/app.0123abcd.css
check 'a name with a hash is immutable' grep -q 'immutable = true' <(row /app.0123abcd.css)
check 'a name without is not' bash -c '! grep -q immutable' < <(row /noise.png)
check 'noise is kept' cmp <(part /noise.png raw) site/noise.png
check 'noise has no encoded form' bash -c '! grep -qE "gzip|br ="' < <(row /noise.png)
check 'hidden files and folders are no content' bash -c '! grep -qE "config|/[.]hidden" assets.c'
check 'an odd name is quoted for C' grep -q 'odd \\042name\\042\\077.txt' assets.c
check 'the table compiles' gcc -std=gnu17 -Wall -Wextra -Werror -I"$root/src" -c -o table.o assets.c
check 'the bytes assemble' gcc -c -o bytes.o assets.S
cp assets.c before.c
"$root/tools/embed" site assets.c assets.S
check 'the same input gives the same output' cmp before.c assets.c
echo x > site/a.exe
check 'an unknown type is refused, and named' bash -c \
    '! '"$root"'/tools/embed site a.c a.S 2> err && grep -q "a.exe: no content type" err'
check 'and leaves nothing behind' test ! -e a.c

echo "1..$n"
exit $bad
