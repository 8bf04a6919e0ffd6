"""Judging bars: a value in each round, its median, and whether that reaches the limit."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a bar asked and what was found; reached is None where it was not measured."""

    scenario: str
    what: str  # whose, and which column
    bar: str
    found: str
    spread: str
    reached: bool | None

    @property
    def word(self):
        return {True: "reached", False: "NOT REACHED", None: "not measured"}[self.reached]


def median_and_spread(values, digits):
    middle = f"{statistics.median(values):,.{digits}f}"
    return middle, f"{min(values):,.{digits}f} - {max(values):,.{digits}f}"


def per_round(results, keys, column):
    """A value per round, of a server or of several servers' mean."""
    rounds = zip(*(results[key] for key in keys))
    return [statistics.mean(r[column.field] for r in of_round) for of_round in rounds]


def ratios(results, ours, beside, column):
    pairs = zip(per_round(results, ours, column), per_round(results, beside, column))
    return [a / b if b else float("inf") for a, b in pairs]


def extras(results, bar, column, unit):
    """What ours has more than another, in a unit of ours if there is one."""
    pairs = zip(results[bar.server], results[bar.above])
    return [
        (a[column.field] - b[column.field]) * (1 / a[unit.field] if unit else column.scale)
        for a, b in pairs
    ]


def name_of(scenario, keys):
    if len(keys) > 1:
        return "the mean of the others"
    return next(s.name for s in scenario.servers if s.key == keys[0])


@dataclasses.dataclass(frozen=True)
class Sight:
    """How a bar is looked at: its values, and the words around a number."""

    values: list
    digits: int
    before: str = ""
    after: str = ""

    def say(self, number):
        return f"{self.before}{number}{self.after}"


def look(columns, scenario, bar, results):
    column = columns[bar.column]
    if bar.part is not None:
        values = ratios(results, bar.times, [bar.server], column)
        return Sight(values, 1, "1/", f" x {name_of(scenario, bar.times)}")
    if bar.times:
        values = ratios(results, [bar.server], bar.times, column)
        return Sight(values, 2, "", f" x {name_of(scenario, bar.times)}")
    unit_name = f" {column.short}" if column.short else ""
    if bar.above:
        unit = columns[bar.unit] if bar.unit else None
        unit_name = f" {bar.unit} times" if bar.unit else unit_name
        after = f"{unit_name} above {name_of(scenario, [bar.above])}"
        return Sight(extras(results, bar, column, unit), 2 if unit else column.digits, "", after)
    values = [v * column.scale for v in per_round(results, [bar.server], column)]
    return Sight(values, column.digits, "", unit_name)


def limit_of(columns, bar):
    """The limit as it is shown: columns of shares are shown in percent."""
    is_plain = not (bar.times or bar.above or bar.part)
    limit = next(v for v in (bar.most, bar.least, bar.part) if v is not None)
    return limit * columns[bar.column].scale if is_plain else limit


def judge(columns, scenario, bar, results):
    what = f"{name_of(scenario, [bar.server])}, {columns[bar.column].title}"
    keys = (bar.server, *bar.times, *([bar.above] if bar.above else []))
    limit = limit_of(columns, bar)
    if any(key not in results for key in keys):
        return Verdict(scenario.key, what, f"{limit:g}", "", "", None)
    try:
        sight = look(columns, scenario, bar, results)
    except KeyError as e:
        return Verdict(scenario.key, what, f"{limit:g}", f"no field {e}", "", None)
    middle, spread = median_and_spread(sight.values, sight.digits)
    is_least = bar.most is None
    median = statistics.median(sight.values)
    reached = median >= limit if is_least else median <= limit
    word = "at least" if bar.least is not None else "at most"
    asked = f"{word} {sight.say(f'{limit:,g}')}"
    return Verdict(scenario.key, what, asked, sight.say(middle), spread, reached)
