"""Draws the bar chart: each measured value relative to its goal.

Bars to the right of the middle line meet their goal, bars to the left miss it, on a logarithmic
scale. The SVG is written without a drawing package, and follows light and dark mode.
"""
import math
from xml.sax.saxutils import escape

WIDTH, ROW, TOP, LEFT, RIGHT = 980, 26, 44, 450, 140
# The scale extends this many powers of two to each side of the goal.
RANGE = 3

STYLE = """
    text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
    .small { font-size: 11px; fill: #59636e }
    .met { fill: #1a7f37 } .missed { fill: #bc4c00 }
    .goal { stroke: #1f2328; stroke-width: 1.5 } .grid { stroke: #d1d9e0; stroke-width: 1 }
    .back { fill: #ffffff }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc } .small { fill: #9198a1 }
      .met { fill: #3fb950 } .missed { fill: #db6d28 }
      .goal { stroke: #f0f6fc } .grid { stroke: #3d444d } .back { fill: #0d1117 }
    }
"""


def improvement(row):
    """Returns by which factor the value is better than the goal."""
    value, goal = max(row.value, 1e-9), row.goal
    return value / goal if row.comparison == "≥" else goal / value


def svg(rows):
    with_goal = [row for row in rows if row.goal]
    height = TOP + ROW * len(with_goal) + 16
    span = WIDTH - LEFT - RIGHT

    def x(factor):
        power = min(max(math.log2(factor), -RANGE), RANGE)
        return LEFT + span * (power + RANGE) / (2 * RANGE)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
        'role="img" aria-label="Each measured value relative to its goal">' % (WIDTH, height, WIDTH, height),
        "<style>%s</style>" % STYLE,
        '<rect class="back" width="%d" height="%d" rx="6"/>' % (WIDTH, height),
    ]
    for power in range(-RANGE, RANGE + 1):
        factor = 2.0 ** power
        parts.append('<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>'
                     % (x(factor), x(factor), TOP - 6, height - 12))
        parts.append('<text class="small" text-anchor="middle" x="%.1f" y="%d">%s</text>'
                     % (x(factor), TOP - 14, tick(power)))
    for number, row in enumerate(with_goal):
        y = TOP + ROW * number
        parts.append('<text text-anchor="end" x="%d" y="%d">%s</text>'
                     % (LEFT - 10, y + 15, escape(label(row))))
        # A value close to its goal still gets a visible bar.
        length = max(abs(x(improvement(row)) - x(1)), 4)
        parts.append('<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d" rx="2"/>'
                     % ("met" if row.met else "missed", x(1) if row.met else x(1) - length, y + 3,
                        length, ROW - 10))
        parts.append('<text class="small" x="%d" y="%d">%s</text>'
                     % (WIDTH - RIGHT + 8, y + 15, escape("%s (%s %s)" % (
                         row.format % row.value, row.comparison, short(row.format % row.goal)))))
    parts.append('<line class="goal" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>'
                 % (x(1), x(1), TOP - 6, height - 12))
    return "\n".join(parts + ["</svg>"]) + "\n"


def tick(power):
    if power == 0:
        return "goal"
    if power < 0:
        return "1/%d" % 2 ** -power
    return "%d ×%s" % (2 ** power, " better" if power == RANGE else "")


def label(row):
    return "%s / %s" % (row.work, row.theirs.split(":")[0]) if row.theirs else row.work


def short(text):
    return text.replace(".00", "")
