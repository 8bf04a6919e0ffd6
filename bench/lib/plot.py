"""Plots as SVG: bars beside the peers, and lines over a growing number. Light and dark.

Coordinates are pixels of the drawing. Ours are blue, floors grey, peers ochre; every bar and every
line carries its own name, so that colours are no key to anything.
"""

import math
import statistics
from html import escape

from lib.servers import KINDS

WIDTH = 760
CHAR = 6.6  # width of a letter of 12 px, on average
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: 600 }
.small { fill: #57606a }
.paper { fill: #ffffff }
.grid { stroke: #d8dee4; stroke-width: 1 }
.whisker { stroke: #24292f; stroke-width: 1; fill: none }
.limit { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 4 3 }
.ours0 { fill: #0969da; stroke: #0969da } .ours1 { fill: #1b8a8f; stroke: #1b8a8f }
.ours2 { fill: #8250df; stroke: #8250df }
.floor0 { fill: #6e7781; stroke: #6e7781 } .floor1 { fill: #afb8c1; stroke: #afb8c1 }
.peer { fill: #d4a35a; stroke: #d4a35a }
.line { fill: none; stroke-width: 2 }
.thin { stroke-width: 1 }
.solid { stroke: none }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #9198a1 }
.paper { fill: #0d1117 }
.grid { stroke: #30363d }
.whisker { stroke: #e6edf3 }
.limit { stroke: #ff7b72 }
.ours0 { fill: #388bfd; stroke: #388bfd } .ours1 { fill: #39b5bd; stroke: #39b5bd }
.ours2 { fill: #a371f7; stroke: #a371f7 }
.floor0 { fill: #9198a1; stroke: #9198a1 } .floor1 { fill: #656c76; stroke: #656c76 }
.peer { fill: #b0813a; stroke: #b0813a }
.line { fill: none }
.solid { stroke: none }
}
"""


class Drawing:
    """Collects elements; text() gives the whole."""

    def __init__(self, width, height, title):
        self.size = (width, height)
        self.title = title
        self.parts = []

    def add(self, name, inside="", **attributes):
        said = "".join(
            f' {key.rstrip("_").replace("_", "-")}="{self.number(value)}"'
            for key, value in attributes.items()
        )
        end = f">{escape(inside)}</{name}>" if inside else "/>"
        self.parts.append(f"<{name}{said}{end}")

    @staticmethod
    def number(value):
        return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else value

    def write(self, x, y, text, anchor="start", kind=""):
        self.add("text", text, x=x, y=y, text_anchor=anchor, **({"class_": kind} if kind else {}))

    def line(self, x1, y1, x2, y2, kind):
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)

    def text(self):
        width, height = self.size
        start = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        start += f' width="{width}" height="{height}" role="img">'
        paper = f'<rect class="paper" width="{width}" height="{height}"/>'
        title = f"<title>{escape(self.title)}</title>"
        style = f"<style>{STYLE}</style>"
        return "\n".join([start, title, style, paper, *self.parts, "</svg>", ""])


def classes(group):
    """A class for each server: shades within a family follow each other."""
    found, counts = {}, {}
    shades = {"ours": 3, "floor": 2}
    for server in group:
        family = KINDS[server.kind].family
        n = counts[family] = counts.get(family, -1) + 1
        found[server.key] = f"{family}{n % shades[family]}" if family in shades else family
    return found


def nice_step(largest, n_steps):
    """Of an axis: 1, 2 or 5 times a power of ten."""
    rough = max(largest, 1e-9) / n_steps
    power = 10 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough * 0.999)


def label(value):
    if value >= 10_000 and value % 1000 == 0:
        return f"{value / 1000:,.0f}k"
    return f"{value:,.10g}"


def wrapped(text, width):
    """Lines of at most `width` pixels."""
    lines = [""]
    for word in text.split():
        if lines[-1] and (len(lines[-1]) + len(word) + 1) * CHAR * 1.2 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def write_title(d, text):
    lines = wrapped(text, WIDTH - 24)
    for i, line in enumerate(lines):
        d.write(12, 22 + 18 * i, line, kind="title")
    return 22 + 18 * len(lines)


# --- bars ---


def limits_of(scenario, results, column):
    """{server key: where its bar is}, for bars in this column."""
    found = {}
    for bar in scenario.bars:
        beside = [statistics.median(r[column.field] for r in results[k]) for k in bar.times
                  if k in results]
        if bar.column != column.key or bar.above or len(beside) != len(bar.times):
            continue
        share = bar.most if bar.most is not None else 1 / (bar.part or 1)
        if bar.least is None:
            found[bar.server] = share * (statistics.mean(beside) if beside else 1) * column.scale
    return found


def draw_scale(d, left, right, top, bottom, largest):
    """Ticks of a horizontal axis from 0; returns pixels per unit."""
    step = nice_step(largest, 6)
    scale = (right - left) / largest
    for i in range(int(largest / step) + 1):
        x = left + i * step * scale
        d.line(x, top, x, bottom, "grid")
        d.write(x, bottom + 16, label(i * step), "middle", "small")
    return scale


def bars(scenario, results, column):
    """The SVG of a scenario: a bar for each server, whiskers for the spread."""
    group = [s for s in scenario.servers if s.key in results]
    values = {s.key: [r[column.field] * column.scale for r in results[s.key]] for s in group}
    limits = limits_of(scenario, results, column)
    largest = max([max(v) for v in values.values()] + list(limits.values())) * 1.02
    row = 26
    d = Drawing(WIDTH, 0, scenario.title)
    top = write_title(d, scenario.title) + 2
    bottom = top + row * len(group) + 4
    left = 24 + max(len(s.name) for s in group) * CHAR
    scale = draw_scale(d, left, WIDTH - 70.0, top, bottom, largest)
    kinds = classes(group)
    for i, server in enumerate(group):
        y = top + row * i + 5.0
        end = draw_bar(d, (left, y, scale), values[server.key], kinds[server.key])
        d.write(left - 8, y + 13, server.name, "end")
        if server.key in limits:
            x = left + limits[server.key] * scale
            d.line(x, y - 4, x, y + row - 6, "limit")
            end = x if end < x + 4 and x < end + 60 else end
        d.write(end + 6, y + 13, f"{statistics.median(values[server.key]):,.{column.digits}f}")
    legend = f"{column.unit}; median, whiskers from smallest to largest round"
    legend += ", dashes: the bar" if limits else ""
    d.write(12, bottom + 38, legend, kind="small")
    d.size = (WIDTH, int(bottom + 48))
    return d.text()


def draw_bar(d, at, values, kind):
    """Returns where it ends, with its whisker."""
    left, y, scale = at
    middle = statistics.median(values)
    low, high = left + min(values) * scale, left + max(values) * scale
    d.add("rect", x=left, y=y, width=max(1.0, middle * scale), height=18, class_=f"{kind} solid")
    if len(values) > 1:
        path = f"M{low:.1f} {y + 5:.1f}v8M{low:.1f} {y + 9:.1f}H{high:.1f}M{high:.1f} {y + 5:.1f}v8"
        d.add("path", d=path, class_="whisker")
    return max(high, left + middle * scale)


# --- lines ---


def spread_labels(wanted, gap):
    """Moves labels apart: [(y, ...)] sorted, each at least `gap` below the one before."""
    placed = []
    for y, *rest in sorted(wanted):
        placed.append((max(y, placed[-1][0] + gap) if placed else y, *rest))
    return placed


def lines(growth, results):
    """The SVG of a growth plot: CPU per delivery over a logarithmic axis."""
    group = [s for s in growth.servers if results.get(s.key)]
    series = {
        s.key: {x: [r[growth.column.field] * growth.column.scale for r in rounds]
                for x, rounds in results[s.key].items()}
        for s in group
    }
    xs = sorted({x for points in series.values() for x in points})
    largest = max(max(v) for points in series.values() for v in points.values()) * 1.05
    d = Drawing(WIDTH, 420, growth.title)
    top = write_title(d, growth.title) + 24.0
    left, bottom = 56.0, 360.0
    right = WIDTH - 32 - max(len(s.name) for s in group) * CHAR
    to_x, to_y = axes(d, (left, right, top, bottom), xs, largest)
    d.write(12, top - 12, f"{growth.column.unit}; median and spread", kind="small")
    d.write((left + right) / 2, bottom + 36, f"{growth.x} (logarithmic)", "middle", "small")
    kinds = classes(group)
    ends = []
    for server in group:
        end = draw_line(d, series[server.key], kinds[server.key], to_x, to_y)
        ends.append((end[1], server.name, kinds[server.key]))
    for y, name, kind in spread_labels(ends, 15):
        d.add("circle", cx=right + 10, cy=y, r=3.5, class_=f"{kind} solid")
        d.write(right + 18, y + 4, name)
    d.size = (WIDTH, int(bottom + 48))
    return d.text()


def axes(d, frame, xs, largest):
    left, right, top, bottom = frame
    low, high = math.log(xs[0]), math.log(max(xs[-1], xs[0] * 1.01))
    step = nice_step(largest, 5)

    def to_x(x):
        return left + 8 + (math.log(x) - low) / (high - low) * (right - left - 16)

    def to_y(y):
        return bottom - y / largest * (bottom - top)

    for i in range(int(largest / step) + 1):
        d.line(left, to_y(i * step), right, to_y(i * step), "grid")
        d.write(left - 6, to_y(i * step) + 4, label(i * step), "end", "small")
    for x in xs:
        d.line(to_x(x), bottom, to_x(x), bottom + 4, "whisker")
        d.write(to_x(x), bottom + 18, label(x), "middle", "small")
    return to_x, to_y


def draw_line(d, points, kind, to_x, to_y):
    """Returns where it ends."""
    middles = [(to_x(x), to_y(statistics.median(v))) for x, v in sorted(points.items())]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in middles)
    d.add("path", d=path, class_=f"line {kind}")
    for (x, y), (_, values) in zip(middles, sorted(points.items())):
        if len(values) > 1:
            d.line(x, to_y(min(values)), x, to_y(max(values)), f"{kind} thin")
        d.add("circle", cx=x, cy=y, r=3.5, class_=f"{kind} solid")
    return middles[-1]
