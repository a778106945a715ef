"""Rows of text under a heading, as a notebook shows them, and what the networks in them are called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path


@dataclass(frozen=True)
class Table:
    """Rows of text under a heading; a notebook shows it as a table, its cells broken only to ``wrap``."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wrap: bool = False

    def _repr_markdown_(self) -> str:
        space = " " if self.wrap else "\N{NO-BREAK SPACE}"
        rows = [[cell.replace(" ", space) for cell in row] for row in self.rows]
        heading, *lines = (
            "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
            for line in (self.columns, *rows)
        )
        return "\n".join([heading, "| --- " * len(self.columns) + "|", *lines])

    def __str__(self) -> str:
        lines = (self.columns, *self.rows)
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    __repr__ = __str__

    def to_html(self, path: str | Path, title: str, code: str = "") -> Path:
        """Write a page of its own to be printed, with a title and code above it; return its path."""
        lines = [("th", self.columns), *(("td", row) for row in self.rows)]
        rows = "\n".join(
            f"<tr>{''.join(f'<{tag}>{_as_html(cell)}</{tag}>' for cell in line)}</tr>"
            for tag, line in lines
        )
        code = f"<pre>{escape(code)}</pre>" if code else ""
        page = PAGE.format(title=escape(title), code=code, rows=rows)
        path = Path(path)
        path.write_text(page, encoding="utf-8")
        return path


def _as_html(cell: str) -> str:
    """A cell's Markdown: of a link its text, and code."""
    text = re.sub(r"\[(.+?)\]\(.+?\)", r"\1", escape(cell))
    return re.sub(r"`(.+?)`", r"<code>\1</code>", text)


PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 12mm }}
body {{ font: 9.5pt/1.3 sans-serif; max-width: 186mm; margin: auto }}
h1 {{ font-size: 15pt; margin: 0 0 3mm }}
pre {{ font-size: 8pt; white-space: pre-wrap }}
table {{ border-collapse: collapse }}
th, td {{ text-align: left; vertical-align: top; padding: 1mm 2mm; border-bottom: 0.2mm solid #888 }}
tr {{ break-inside: avoid }}
</style>
<h1>{title}</h1>
{code}
<table>
{rows}
</table>
"""


def name_of(alpha: float | str) -> str:
    """What the networks of a slope are called: ReLU, Leaky ReLU, linear, or their own name."""
    if isinstance(alpha, str):
        return alpha
    return {0: "ReLU", 1: "linear (α = 1)"}.get(alpha, f"Leaky ReLU {alpha:g}")


def counted(number: float, thing: str) -> str:
    """So many of a thing: ``"1 hidden layer"``, ``"2 hidden layers"``."""
    return f"{number:,.12g} {thing}{'s' * (number != 1)}"


def row_of(values: Sequence, value: object, name: str = "alpha") -> int:
    """Where a value stands among others, or an error that lists them."""
    listed = values.tolist() if hasattr(values, "tolist") else list(values)
    if value not in listed:
        raise ValueError(f"{name} must be one of {listed}; got {value!r}")
    return listed.index(value)
