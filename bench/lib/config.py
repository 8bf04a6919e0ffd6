"""Reads scenarios.toml: columns, servers, scenarios and growth plots, as they are measured.

A file that says something unknown is refused: a misspelled bar would otherwise never be missed.
"""

import dataclasses
import tomllib


class Failure(Exception):
    """Something could not be run; the text says what and what to do."""


@dataclasses.dataclass(frozen=True)
class Column:
    key: str
    field: str  # of the generator's result, or of what the driver adds to it
    title: str
    unit: str = ""  # with its quantity, as the axis of a plot names it
    short: str = ""  # the unit alone, as it stands behind a number
    digits: int = 0
    scale: float = 1
    spread: bool = False


@dataclasses.dataclass(frozen=True)
class Server:
    key: str
    name: str
    kind: str  # a row of servers.KINDS
    options: str = ""  # of its command line
    load: str = ""  # options of the generator, where servers differ in what is asked of them
    script: str = ""  # a file in peers/
    threads: int = 0  # event loops; 0: as many as it has by itself
    cores: str = "one"  # or "all", the generator's included
    data: str = ""  # "million": the prepared data file
    upto: int = 0  # the last point of a growth plot it can do; 0: all
    modes: dict = dataclasses.field(default_factory=dict, hash=False)  # of the generator, renamed


@dataclasses.dataclass(frozen=True)
class Bar:
    server: str
    column: str
    most: float | None = None
    least: float | None = None
    times: tuple = ()  # the limit is a ratio to these servers' mean
    part: float | None = None  # at most one in `part` of `times`
    above: str = ""  # the limit is what we have more than this server
    unit: str = ""  # that in our own column of this name


@dataclasses.dataclass(frozen=True)
class Rate:
    """Messages a second of an open loop, from what a closed one has reached in the same run."""

    scenario: str
    server: str
    share: float
    per: int  # operations that one message brings


@dataclasses.dataclass(frozen=True)
class Scenario:
    key: str
    title: str
    load: str  # mode and options of the generator
    servers: tuple
    columns: tuple
    quick: str = ""  # options that make it short
    bars: tuple = ()
    repeat: int = 1  # runs in a round, of which the median counts
    rounds: int = 1  # times as many, where short runs close together compare best
    fresh: bool = False  # every run has a new process
    stores: bool = False  # what the server says of its store belongs to the results
    measure: str = "load"  # or "start": how long until it is ready
    rate: Rate | None = None
    plot: str = ""  # the column that is drawn; none: no plot


@dataclasses.dataclass(frozen=True)
class Growth:
    key: str
    title: str
    x: str  # what the axis counts
    load: str
    points: tuple  # pairs of x and the options that make it
    servers: tuple
    column: Column
    quick: str = ""


@dataclasses.dataclass(frozen=True)
class Config:
    columns: dict
    servers: dict
    scenarios: tuple
    growth: tuple


def make(cls, where, **values):
    unknown = values.keys() - {f.name for f in dataclasses.fields(cls)}
    if unknown:
        raise Failure(f"scenarios.toml: {where}: nobody knows {', '.join(sorted(unknown))}")
    try:
        return cls(**values)
    except TypeError as e:
        raise Failure(f"scenarios.toml: {where}: {e}") from e


def pick(table, key, where):
    if key not in table:
        raise Failure(f"scenarios.toml: {where}: there is no {key}")
    return table[key]


def make_server(servers, row, where):
    """A row names a server of the table, or changes some of its fields, or adds options (with)."""
    if isinstance(row, str):
        row = {"is": row}
    base = pick(servers, row.get("is"), where)
    values = base | {name: value for name, value in row.items() if name not in ("is", "with")}
    values["options"] = f"{values.get('options', '')} {row.get('with', '')}".strip()
    return make(Server, where, **values)


def make_bar(columns, server_keys, row, where):
    times = row.get("times", ())
    times = (times,) if isinstance(times, str) else tuple(times)
    bar = make(Bar, where, **(row | {"times": times}))
    pick(columns, bar.column, where)
    for key in (bar.server, *bar.times, *([bar.above] if bar.above else [])):
        pick(server_keys, key, f"{where}: bar")
    if sum(limit is not None for limit in (bar.most, bar.least, bar.part)) != 1:
        raise Failure(f"scenarios.toml: {where}: a bar has one of most, least and part")
    return bar


def make_scenario(tables, row):
    where = row.get("key", "a scenario without a key")
    servers = tuple(make_server(tables["servers"], s, where) for s in row.get("servers", ()))
    keys = {s.key: s for s in servers}
    names = [n for c in row.get("columns", ["cpu", "pace"]) for n in tables["groups"].get(c, [c])]
    row = dict(row)
    row["servers"] = servers
    row["columns"] = tuple(pick(tables["columns"], n, where) for n in names)
    bars = row.get("bars", ())
    row["bars"] = tuple(make_bar(tables["columns"], keys, b, where) for b in bars)
    if "rate" in row:
        row["rate"] = make(Rate, where, **row["rate"])
    return make(Scenario, where, **row)


def make_growth(tables, row):
    where = f"growth {row.get('key')}"
    row = dict(row)
    row["servers"] = tuple(make_server(tables["servers"], s, where) for s in row["servers"])
    row["points"] = tuple((x, options) for x, options in row["points"])
    row["column"] = pick(tables["columns"], row["column"], where)
    return make(Growth, where, **row)


def read(path):
    with open(path, "rb") as f:
        text = tomllib.load(f)
    columns = {k: make(Column, k, **({"key": k} | v)) for k, v in text["columns"].items()}
    servers = {k: {"key": k, "name": k} | v for k, v in text["servers"].items()}
    tables = {"columns": columns, "groups": text["groups"], "servers": servers}
    scenarios = tuple(make_scenario(tables, row) for row in text["scenario"])
    growth = tuple(make_growth(tables, row) for row in text["growth"])
    by_key = {s.key: s for s in scenarios}
    for s in scenarios:
        if s.rate:
            other = pick(by_key, s.rate.scenario, s.key)
            pick({o.key: o for o in other.servers}, s.rate.server, s.key)
    plain = {k: make_server(servers, k, k) for k in servers}
    return Config(columns, plain, scenarios, growth)
