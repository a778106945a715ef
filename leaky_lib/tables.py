"""Rows of text under a heading, as a notebook shows them."""

from dataclasses import dataclass

__all__ = ["Table"]


@dataclass(frozen=True)
class Table:
    """Rows of text under a heading; a notebook shows it as a table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def _repr_markdown_(self) -> str:
        unbroken = (tuple(cell.replace(" ", "\N{NO-BREAK SPACE}") for cell in row) for row in self.rows)
        lines = [self.columns, ("---",) * len(self.columns), *unbroken]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        lines = (self.columns, *self.rows)
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    __repr__ = __str__
