"""Reads what notebooks ask, from one TOML file per notebook, and says what is wrong with an entry."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def tables(name: str) -> dict:
    """What stands in a TOML file of this folder."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


class Entries(Mapping):
    """What the files of all notebooks have under one heading, by its name.

    An entry is made when it is first asked for: one that is wrong is no hindrance to the others.
    """

    def __init__(self, heading: str, make: Callable[[dict], object]) -> None:
        self.heading, self.make = heading, make
        self.found: dict[str, tuple[str, dict]] = {}
        self.made: dict[str, object] = {}
        for path in sorted(FOLDER.glob("[0-9]*.toml")):
            for name, entry in tables(path.stem).get(heading, {}).items():
                if name in self.found:
                    raise ValueError(f"{path.name}: {name} is there twice, also in {self.found[name][0]}")
                self.found[name] = path.name, entry

    def __getitem__(self, name: str) -> object:
        if name not in self.made:
            file, entry = self.found[name]
            try:
                self.made[name] = self.make(entry)
            except Exception as error:
                raise ValueError(f"{file}, {self.heading} {name}: {error}") from error
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def check_keys(entry: Mapping, needed: tuple[str, ...], allowed: tuple[str, ...] = ()) -> None:
    """Say what an entry lacks, or has too much."""
    if missing := [key for key in needed if entry.get(key) in (None, "", {}, [])]:
        raise ValueError(f"lacks {', '.join(missing)}")
    if unknown := [key for key in entry if key not in (*needed, *allowed)]:
        raise ValueError(f"there is no {', '.join(unknown)} in such an entry")
