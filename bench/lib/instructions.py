"""Counting: instructions of the server per delivery, under callgrind, and in which part they are.

The count is the same in every run, whatever else the machine does, so it decides where times are
too close. It knows nothing of the kernel, of caches and of waiting.
"""

import contextlib
import re
import shutil
import subprocess
import time

from lib import measure, servers
from lib.config import Failure
from lib.servers import BUILD

JOIN_S = 300  # for all members to come, of whom valgrind makes slow work
SETTLE_S = 3
COUNT_S = 6
DELIVERY = "chunkq_push"  # is called once for each


def missing():
    tools = ("valgrind", "callgrind_control")
    return None if all(map(shutil.which, tools)) else "valgrind is not installed: run `tools/deps bench`"


def count(run, scenario, server):
    """{part: instructions per delivery}, all threads of the server together."""
    out = run.dir / "callgrind.out"
    for old in run.dir.glob("callgrind.out*"):
        old.unlink()
    run.wrapper = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}"]
    try:
        with run.started(server) as (port, pid), generating(run, scenario, server, port, pid):
            wait_for_members(port, scenario, server)
            control(pid, "-i", "on")
            time.sleep(COUNT_S)
            control(pid, "-i", "off")
            control(pid, "-d")
            return per_delivery(out.with_name("callgrind.out.1").read_text(errors="replace"))
    finally:
        run.wrapper = []


@contextlib.contextmanager
def generating(run, scenario, server, port, pid):
    argv = [str(BUILD / "load"), *measure.arguments(run, scenario, server), "--secs", "3600"]
    argv += ["--port", str(port), "--pid", str(pid), "--sources", str(run.options.sources)]
    argv = run.pinned(run.options.load_core, argv)
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        yield
        if process.poll() is not None:
            raise Failure(f"load: {process.stderr.read().strip()}")
    finally:
        process.kill()
        process.wait()


def conns_of(scenario, server):
    text = f"{scenario.load} {server.load}"
    return int(re.findall(r"--conns (\d+)", text)[-1])


def wait_for_members(port, scenario, server):
    end = time.monotonic() + JOIN_S
    while members(port) < conns_of(scenario, server):
        if time.monotonic() > end:
            raise Failure("the members do not come")
        time.sleep(0.5)
    time.sleep(SETTLE_S)


def members(port):
    text = servers.get(port, "/metrics").decode()
    found = re.search(r"^stoa_clients (\d+)", text, re.M)
    return int(found[1]) if found else 0


def control(pid, *what):
    servers.check_call(["callgrind_control", *what, str(pid)], "callgrind_control")


# --- what callgrind writes ---


class Names:
    """(12) name: the first time; later only (12)."""

    def __init__(self):
        self.known = {}

    def __call__(self, text):
        number, _, name = text.partition(" ")
        if name:
            self.known[number] = name
        return self.known[number]


def per_delivery(text):
    files, functions = Names(), Names()
    parts, deliveries = {}, 0
    here = called = ""
    is_of_call = False
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key in ("fl", "fi", "fe"):
            here = files(value)
        elif key in ("cfi", "cfl"):
            files(value)
        elif key == "cfn":
            called = functions(value)
        elif key == "fn":
            functions(value)
        elif key == "calls":
            is_of_call = True
            if called.split("'")[0] == DELIVERY:
                deliveries += int(value.split()[0])
        elif re.match(r"[+*\-\d]", line) and not key.endswith(":"):
            if not is_of_call:
                part = part_of(here)
                parts[part] = parts.get(part, 0) + int(line.split()[1])
            is_of_call = False
    if not deliveries:
        raise Failure("nothing was delivered while it was counted")
    return {part: n / deliveries for part, n in sorted(parts.items(), key=lambda kv: -kv[1])}


def part_of(path):
    """src/hub/tell.c: hub. What is inlined from a header counts where the header lies."""
    found = re.search(r"/src/([a-z]+)/", path)
    if found:
        return found[1]
    return "src" if "/src/" in path else "libraries" if path.startswith("???") else "libc"


def lines(counts):
    """{(scenario, server): {part: n}} as a table."""
    for (scenario, server), parts in counts.items():
        whole = sum(parts.values())
        shown = ", ".join(f"{part} {n:,.0f}" for part, n in parts.items() if n >= whole / 100)
        yield f"  {scenario.key}: {server.name}: {whole:,.0f} per delivery ({shown})"
