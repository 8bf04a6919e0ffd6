"""What the check-* scripts share: finding files, reading C without its comments, reporting."""
import os
import re
import sys

SKIP_DIRS = {"build", "node_modules", ".git", "data"}


def root():
    """The tree to check: the first argument, or the current folder."""
    return sys.argv[1] if len(sys.argv) > 1 else "."


def files(top, folders, *endings):
    """Paths below top/<folder>, sorted, whose name has one of the endings."""
    found = []
    for folder in folders:
        for where, dirs, names in os.walk(os.path.join(top, folder)):
            dirs[:] = sorted(d for d in dirs if d not in SKIP_DIRS)
            found += [os.path.join(where, n) for n in sorted(names) if n.endswith(endings)]
    return found


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text, strings=True):
    """The same text with comments (and what is in strings) turned to spaces; lines stay."""
    def spaces(m):
        s = m.group()
        if s[0] in "\"'":
            return s[0] + " " * (len(s) - 2) + s[-1] if strings else s
        return re.sub(r"[^\n]", " ", s)
    return TOKEN.sub(spaces, text)


class Report:
    """Collects what is wrong; prints it and leaves with 1 when there is anything."""

    def __init__(self):
        self.bad = []

    def fail(self, path, line, message):
        self.bad.append(f"{os.path.normpath(path)}:{line}: {message}")

    def leave(self):
        for line in self.bad:
            print(line)
        sys.exit(1 if self.bad else 0)
