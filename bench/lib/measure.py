"""Measuring: one run of the generator, the rounds of a scenario, the points of a growth plot.

A round measures each server once, in turn, so that a machine that changes its speed between rounds
does not enter the ratios. What comes out is plain data: {server key: [a result per round]}.
"""

import contextlib
import dataclasses
import http.client
import json
import re
import shutil
import statistics
import subprocess
import time

from lib import servers
from lib.config import Failure, Scenario
from lib.servers import BUILD, KINDS

LOAD_S = 120  # for one run of the generator
READY_S = 20  # for a server to be ready, where that is what is measured
MILLION = 1_000_000
STORE = "rooms --languages c --conns 200 --room-size 1 --senders 1 --size 120 --warm 0"
STORE_TRIES = 3
STORE_S = 600  # for one of them


# --- one run ---


def arguments(run, scenario, server):
    """Of the generator: the scenario's, the server's, and what makes it short."""
    mode, *rest = scenario.load.split()
    argv = [server.modes.get(mode, mode), *rest, *server.load.split()]
    if scenario.rate:
        argv += ["--rate", str(messages_per_s(run, scenario.rate))]
    if run.options.quick:
        argv += scenario.quick.split()
    elif run.options.secs and "--secs" in argv:
        argv += ["--secs", str(run.options.secs)]
    return argv


def messages_per_s(run, rate):
    ops = run.ops.get((rate.scenario, rate.server))
    if not ops:
        raise Failure(f"it needs the rate of {rate.scenario}, which could not be measured")
    return max(1, round(statistics.median(ops) * rate.share / rate.per))


def generate(run, argv, port, pid, timeout=LOAD_S):
    argv = [str(BUILD / "load"), *argv, "--port", str(port), "--pid", str(pid)]
    argv += ["--sources", str(run.options.sources)]
    out = servers.check_call(run.pinned(run.options.load_core, argv), "load", timeout=timeout)
    return json.loads(out)


def load(run, scenario, server, port, pid):
    result = generate(run, arguments(run, scenario, server), port, pid)
    if scenario.stores and KINDS[server.kind].family == "ours":
        result |= batches(port)
        result["p50_batches"] = result["p50_us"] / result["batch_us"]
    if "ops" in result and "server_cpu_us_per_op" in result:
        heard = result["conns"] / (result["conns"] + result.get("slow", 0))
        result["server_cpu_us_per_copy"] = result["server_cpu_us_per_op"] * heard
    if result.get("threads"):
        result["loops_apart"] = loops_apart(result["threads"])
    return result


def batches(port):
    """What one transaction took and held, on average, since the server began."""
    lines = servers.get(port, "/metrics").decode().splitlines()
    of = dict(line.rsplit(" ", 1) for line in lines if line.startswith("stoa_store_"))
    commits = max(1.0, float(of["stoa_store_commits_total"]))
    return {
        "batch_us": float(of["stoa_store_commit_seconds_total"]) / commits * 1e6,
        "batch_size": float(of["stoa_store_written_total"]) / commits,
    }


def loops_apart(threads):
    """How far the laziest loop is below the busiest, as a part of that."""
    loops = [t["cpu"] for t in threads if re.fullmatch("stoa(-loop-[0-9]+)?", t["name"])]
    return 1 - min(loops) / max(loops) if max(loops, default=0) > 0 else 0.0


# --- how long it takes to be ready ---


def is_ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_S)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def start_once(run, server):
    port = servers.free_port()
    began = time.monotonic()
    process, log = run.spawn(server, port)
    try:
        while not is_ready(port):
            if process.poll() is not None or time.monotonic() - began > READY_S:
                raise Failure(f"{server.name} does not become ready\n{servers.tail_of(log)}")
            time.sleep(0.0005)
        return {"ready_ms": (time.monotonic() - began) * 1e3}
    finally:
        servers.stop(process)


def prepare_million(run, server):
    """The data folder of a million messages: the server stores them once, then it is kept."""
    size = MILLION // 50 if run.options.quick else MILLION
    kept = BUILD / f"messages-{size}"
    if not kept.exists():
        print(f"  storing {size:,} messages for the data file, which is kept", flush=True)
        patient = dataclasses.replace(server, options=f"{server.options} --ws-ping 1h")
        store(run, patient, size, kept)
    run.prepared["million"] = kept


def store(run, server, size, kept):
    secs = size / 40_000  # a guess of what the disk can do, which the first try corrects
    for _ in range(STORE_TRIES):
        run.prepared["million"] = folder = run.dir / kept.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        with run.started(server) as (port, pid):
            argv = [*STORE.split(), "--secs", f"{secs:.1f}"]
            stored = generate(run, argv, port, pid, timeout=STORE_S)["ops"]
        if stored >= size:
            folder.rename(kept)
            return
        secs *= 1.3 * size / stored
    raise Failure(f"only {stored:,} messages could be stored in {secs:.0f} s")


# --- the rounds of a scenario ---


def measure_once(run, scenario, server, running):
    if scenario.measure == "start":
        return start_once(run, server)
    with contextlib.ExitStack() as stack:
        port, pid = running.get(server.key) or stack.enter_context(run.started(server))
        results = [load(run, scenario, server, port, pid) for _ in range(scenario.repeat)]
    results.sort(key=lambda r: r["server_cpu_us_per_op"])
    return results[len(results) // 2]


def able(run, key, group):
    """Those of the servers who can run; the others are left out, and said so."""
    can = []
    for server in group:
        why = KINDS[server.kind].missing(run)
        if why:
            run.failures.append(f"{key}: {server.name}: {why}")
        else:
            can.append(server)
    return can


def check_file(run, scenario, running):
    if not scenario.load.startswith("http "):
        return
    for key, (port, _) in running.items():
        if servers.get(port) != run.file().read_bytes():
            raise Failure(f"{key} serves other bytes than ours at {servers.FILE}")


def n_rounds(run, scenario):
    return run.options.rounds * (1 if run.options.quick else scenario.rounds)


def measure(run, scenario):
    """A server that fails is not asked again; what it did before counts. The failure is told."""
    group = able(run, scenario.key, scenario.servers)
    results = {server.key: [] for server in group}
    for server in group:
        if server.data:
            prepare_million(run, server)
    with contextlib.ExitStack() as stack:
        running = {}
        for server in () if scenario.fresh or scenario.measure == "start" else group:
            running[server.key] = stack.enter_context(run.started(server))
        check_file(run, scenario, running)
        for _ in range(n_rounds(run, scenario)):
            for server in list(group):
                try:
                    results[server.key].append(measure_once(run, scenario, server, running))
                except (Failure, OSError, subprocess.TimeoutExpired, KeyError) as e:
                    run.failures.append(f"{scenario.key}: {server.name}: {e}")
                    group.remove(server)
    results = {key: rounds for key, rounds in results.items() if rounds}
    remember_ops(run, scenario, results)
    return results


def remember_ops(run, scenario, results):
    for key, rounds in results.items():
        if all("ops_per_sec" in r for r in rounds):
            run.ops[scenario.key, key] = [r["ops_per_sec"] for r in rounds]


def measure_rate(run, config, rate):
    """For a scenario whose rate follows from another one that was not asked for."""
    if (rate.scenario, rate.server) in run.ops:
        return
    other = next(s for s in config.scenarios if s.key == rate.scenario)
    server = next(s for s in other.servers if s.key == rate.server)
    if able(run, other.key, [server]):
        run.ops[rate.scenario, rate.server] = [measure_once(run, other, server, {})["ops_per_sec"]]


# --- growth ---


def measure_growth(run, growth, tell):
    """{server key: {x: [a result per round]}}; who fails at a point is not asked at larger ones."""
    group = list(growth.servers)
    results = {server.key: {} for server in group}
    points = growth.points[:2] if run.options.quick else growth.points
    for x, options in points:
        scenario = Scenario(
            key=f"growth {growth.key}, {x:,}",
            title="",
            load=f"{growth.load} {options}",
            quick=growth.quick,
            servers=tuple(s for s in group if not s.upto or x <= s.upto),
            columns=(growth.column,),
            fresh=True,
        )
        at_x = measure(run, scenario)
        for key, rounds in at_x.items():
            results[key][x] = rounds
        asked = {server.key for server in scenario.servers}
        group = [s for s in group if s.key in at_x or s.key not in asked]
        tell(x, at_x)
    return {key: points for key, points in results.items() if points}
