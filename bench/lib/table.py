"""Results as text: tables for a terminal and for Markdown, and the head that says where from."""

import contextlib
import datetime
import os
import pathlib
import platform
import subprocess

from lib import servers
from lib.verdict import median_and_spread, ratios

NOTE = (
    "CPU is the server's, user and system. TCP_NODELAY is on at both ends. Everything goes over"
    " loopback, whose own cost, the arrival at the receiver included, is about half of each send"
    " and is charged to the server."
)


def cpu_model():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((s.split(":")[1].strip() for s in lines if s.startswith("model name")), "?")


def filesystem():
    argv = ["findmnt", "-no", "FSTYPE,SOURCE", "-T", str(servers.BUILD)]
    with contextlib.suppress(OSError):
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        return " on ".join(done.stdout.split()) or "?"
    return "?"


def head(run):
    """The facts that belong to every figure."""
    o = run.options
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "kernel": f"Linux {platform.release()}",
        "data": filesystem(),
        "load": round(os.getloadavg()[0], 2),
        "rounds": o.rounds,
        "quick": o.quick,
        "pinned": f"server on core {o.server_core}, generator on core {o.load_core}",
        "versions": servers.versions(run),
    }


def head_lines(facts):
    peers = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    machine = f"{facts['cpu']}, {facts['cores']} cores, {facts['kernel']}"
    lines = [
        f"{facts['date']}; {machine}, load average {facts['load']:.2f}",
        f"{facts['pinned']}; rounds: {facts['rounds']}; data on {facts['data']}",
        f"peers: {peers}",
        NOTE,
    ]
    if facts["quick"]:
        lines.append("One short round: the numbers mean little.")
    elif facts["load"] > 0.5:
        lines.append("The machine was busy with other work: the numbers are blurred.")
    return lines


# --- one scenario ---


def cells(column, rounds):
    values = [r[column.field] * column.scale for r in rounds if column.field in r]
    if not values:
        return ["-", ""] if column.spread else ["-"]
    middle, spread = median_and_spread(values, column.digits)
    return [middle, spread] if column.spread else [middle]


def rows(scenario, results):
    table = [[""]]
    for column in scenario.columns:
        table[0] += [column.title, "spread"] if column.spread else [column.title]
    for server in scenario.servers:
        if server.key in results:
            found = [c for column in scenario.columns for c in cells(column, results[server.key])]
            table.append([server.name, *found])
    return table


def terminal(table):
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        first, *rest = (cell.rjust(width) for cell, width in zip(row, widths))
        yield "  " + row[0].ljust(len(first)) + "  " + "  ".join(rest)


def markdown(table):
    yield "| " + " | ".join(table[0]) + " |"
    yield "|---|" + "--:|" * (len(table[0]) - 1)
    for row in table[1:]:
        yield "| " + " | ".join(row) + " |"


def ratio_lines(scenario, results):
    """How our first server's CPU compares with every other server's."""
    first, column = scenario.servers[0], scenario.columns[0]
    if first.key not in results or not column.field.startswith("server_cpu_us"):
        return
    for server in scenario.servers[1:]:
        if server.key in results:
            values = ratios(results, [first.key], [server.key], column)
            middle, spread = median_and_spread(values, 2)
            yield f"  {first.name} / {server.name}: {middle} ({spread})"


def notes(scenario, results):
    is_paced = any(column.field == "ops_per_sec" for column in scenario.columns)
    bound = [
        server.name
        for server in scenario.servers
        if is_paced and any(r.get("generator_bound") for r in results.get(server.key, ()))
    ]
    if bound:
        yield f"  the generator's core was full with {'; '.join(bound)}: there latency and ops/s"
        yield "    are its limits; CPU per operation is not touched by that"


def verdict_line(v):
    if v.reached is None:
        return f"  {v.scenario}: {v.what}: not measured {v.found}".rstrip()
    return f"  {v.scenario}: {v.what}: {v.found} ({v.spread}), bar {v.bar}: {v.word}"


def verdict_table(verdicts):
    table = [["scenario", "whose", "bar", "found", "spread", ""]]
    for v in verdicts:
        table.append([v.scenario, v.what, v.bar, v.found, v.spread, v.word])
    return table


# --- all of it, as Markdown ---


def growth_rows(growth, results):
    keys = [s for s in growth.servers if s.key in results]
    table = [[growth.x, *(s.name for s in keys)]]
    for x, _ in growth.points:
        row = [f"{x:,}"]
        for server in keys:
            middle, *spread = cells(growth.column, results[server.key].get(x, []))
            row.append(f"{middle} ({spread[0]})" if spread and spread[0] else middle)
        if any(cell != "-" for cell in row[1:]):
            table.append(row)
    return table


def document(config, report, verdicts):
    """The lines of --markdown."""
    yield from ("\n\n".join(head_lines(report["head"]))).split("\n")
    if verdicts:
        yield from ["", *markdown(verdict_table(verdicts))]
    for scenario in config.scenarios:
        if scenario.key in report["scenarios"]:
            table = rows(scenario, report["scenarios"][scenario.key])
            yield from ["", f"### {scenario.key}", "", f"{scenario.title}.", "", *markdown(table)]
    for growth in config.growth:
        if growth.key in report["growth"]:
            table = growth_rows(growth, report["growth"][growth.key])
            yield from ["", f"### growth: {growth.key}", "", f"{growth.title}.", ""]
            yield from markdown(table)
    if report["failures"]:
        yield from ["", "Could not run:", ""]
        yield from (f"- {failure.splitlines()[0]}" for failure in report["failures"])


# --- what there is (--list) ---


def bar_text(config, scenario, bar):
    column = config.columns[bar.column]
    names = {s.key: s.name for s in scenario.servers}
    limit = next(v for v in (bar.most, bar.least, bar.part) if v is not None)
    word = "at least" if bar.least is not None else "at most"
    beside = "the mean of the others" if len(bar.times) > 1 else names.get("".join(bar.times), "")
    if bar.part is not None:
        value = f"1/{limit:g} of {beside}"
    elif bar.times:
        value = f"{limit:g} x {beside}"
    elif bar.above:
        unit = f"{bar.unit} times" if bar.unit else column.short
        value = f"{limit:,g} {unit} above {names[bar.above]}"
    else:
        value = f"{limit * column.scale:,g} {column.short}"
    return f"{names[bar.server]}: {column.title} {word} {value}"


def listing(config):
    for scenario in config.scenarios:
        yield f"{scenario.key}: {scenario.title}"
        yield f"    {scenario.load}"
        yield f"    beside each other: {'; '.join(s.name for s in scenario.servers)}"
        for bar in scenario.bars:
            yield f"    bar: {bar_text(config, scenario, bar)}"
    for growth in config.growth:
        yield f"growth {growth.key}: {growth.title}"
        yield f"    {growth.load}; {growth.x}: {', '.join(f'{x:,}' for x, _ in growth.points)}"
