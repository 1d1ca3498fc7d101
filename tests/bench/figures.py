"""Figures with a goal: what was measured, how far it spreads, whether the goal is met, as a table or JSON."""

import dataclasses
import statistics

HEADINGS = ("figure", "goal", "measured", "spread", "")


@dataclasses.dataclass
class Figure:
    """One figure of the table. `values` are those of all runs; at least one when it is shown."""

    name: str
    unit: str = ""
    goal: float | None = None    # at most this much; None: for information
    at_least: bool = False       # the goal is at least that much
    judged: str = "median"       # which of the values must reach the goal: median, or worst
    digits: int = 0
    values: list = dataclasses.field(default_factory=list)

    def add(self, value):
        self.values.append(value)

    @property
    def measured(self):
        if self.judged == "worst":
            return min(self.values) if self.at_least else max(self.values)
        return statistics.median(self.values)

    @property
    def is_met(self):
        if self.goal is None:
            return True
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    def number(self, value):
        return f"{value:.{self.digits}f}"

    def verdict(self):
        if self.goal is None:
            return ""
        if self.is_met:
            return "met"
        return f"missed by {self.number(abs(self.measured - self.goal))}{self._unit()}"

    def _unit(self):
        return f" {self.unit}" if self.unit else ""

    def row(self):
        goal = "" if self.goal is None else f"{'>=' if self.at_least else '<='} {self.number(self.goal)}{self._unit()}"
        spread = f"{self.number(min(self.values))} .. {self.number(max(self.values))} ({len(self.values)})"
        return (self.name, goal, f"{self.number(self.measured)}{self._unit()}", spread, self.verdict())

    def document(self):
        return {"figure": self.name, "unit": self.unit, "goal": self.goal, "judged": self.judged,
                "measured": self.measured, "values": self.values, "met": self.is_met}


def align(rows):
    """A Markdown table, the headings first, whose columns also line up on a terminal."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rows = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows)


def table(figures):
    return align([HEADINGS, *(f.row() for f in figures)])
