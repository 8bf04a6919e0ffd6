#!/usr/bin/env bash
# tools/test counts exactly: each way in which a test program can go wrong is one failure.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 1
mkdir -p tools tests/live
n=0 bad=0

program() { # program PATH CODE
    printf '#!/bin/sh\n%s\n' "$2" > "$1"
    chmod +x "$1"
}

# expect LAST-LINE STATUS NAME WORDS: runs the runner over what is there, then empties the folder
expect() {
    local out status last
    out=$(MODE=debug "$root/tools/test" 2>&1) && status=0 || status=$?
    last=$(tail -n 1 <<< "$out")
    n=$((n + 1))
    if [ "$last" = "$1" ] && [ $status = "$2" ] && [[ $out == *"${4:-}"* ]]; then
        echo "ok $n - $3"
    else
        bad=1
        echo "not ok $n - $3"
        echo "exit $status; $out" | sed 's/^/# /'
    fi
    rm -f tests/live/*
}

program tools/check 'echo "ok 1 - rule"; echo 1..1'
expect '1 passed, 0 failed' 0 'one check'
program tests/live/a.sh 'echo ok 1; echo ok 2; echo not ok 3 - three; echo "# got 4"; echo 1..3; exit 1'
expect '3 passed, 1 failed' 1 'a failing check counts once, and is shown' '# got 4'
program tests/live/a.sh 'echo ok 1; echo "ok 2 # SKIP no"; echo 1..2'
expect '2 passed, 0 failed' 0 'a skipped check has not passed' '1 skipped'
program tests/live/a.sh 'echo ok 1; kill -SEGV $$'
expect '2 passed, 1 failed' 1 'a crash before the plan' 'died of signal 11'
program tests/live/a.sh 'echo ok 1; echo 1..1; exit 3'
expect '2 passed, 1 failed' 1 'a bad end after the plan' 'exit code 3'
program tests/live/a.sh 'echo ok 1'
expect '2 passed, 1 failed' 1 'no plan' 'No plan'
program tests/live/a.sh 'echo 1..2; echo ok 1'
expect '2 passed, 1 failed' 1 'a check is missing' 'Bad plan'
program tests/live/a.sh 'true'
expect '1 passed, 1 failed' 1 'no output at all' 'FAIL tests/live/a.sh'
program tests/live/a.sh 'echo 1..0'
expect '1 passed, 1 failed' 1 'no check at all' 'FAIL tests/live/a.sh'
echo 'echo ok 1; echo 1..1' > tests/live/a.sh
expect '1 passed, 1 failed' 1 'a program that cannot be run' 'FAIL tests/live/a.sh'

program tests/live/a.sh 'echo ok 1; echo 1..1'
program tests/live/b.sh 'echo not ok 1; echo 1..1; exit 1'
out=$("$root/tools/test" live/a 2>&1)
n=$((n + 1))
[ "$(tail -n 1 <<< "$out")" = '1 passed, 0 failed' ] && echo "ok $n - a filter keeps one program" ||
    { bad=1; echo "not ok $n - a filter: $out"; }
n=$((n + 1))
"$root/tools/test" nothing-like-it > /dev/null 2>&1 && { bad=1; echo "not ok $n - a filter for nothing"; } ||
    echo "ok $n - a filter that keeps nothing is an error"

echo "1..$n"
exit $bad
