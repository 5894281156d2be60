"""Measurements as lines of a table, each with what was to reach, printed as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; times in milliseconds, other units in the name."""

    name: str
    median: float
    lowest: float
    highest: float
    measured: int
    to_reach: str
    reached: bool | None

    @classmethod
    def of_all(
        cls,
        name: str,
        values: Sequence[float],
        to_reach: str = "",
        reaches: Callable[[float], bool] | None = None,
    ) -> Row:
        """Sum up measurements; `reaches` judges their median."""
        middle = statistics.median(values)
        reached = None if reaches is None else reaches(middle)
        return cls(name, middle, min(values), max(values), len(values), to_reach, reached)

    @classmethod
    def of(cls, name: str, values: Sequence[float], most: float) -> Row:
        """Sum up measurements of which the median may be at most `most`."""
        return cls.of_all(name, values, f"≤ {most:g}", lambda middle: middle <= most)


def print_tables(tables: Mapping[str, Sequence[Row]]) -> None:
    """Print Markdown."""
    for heading, rows in tables.items():
        print(f"\n**{heading}**\n\n| what | median | min to max | measured | to reach | |")
        print("| --- | ---: | --- | ---: | --- | --- |")
        for row in rows:
            mark = {True: "yes", False: "**no**", None: ""}[row.reached]
            print(
                f"| {row.name} | {row.median:.2f} | {row.lowest:.2f} to {row.highest:.2f} "
                f"| {row.measured} | {row.to_reach} | {mark} |"
            )
