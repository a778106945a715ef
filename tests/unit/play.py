"""Plays with explorers at random: `python tests/unit/play.py [EVENTS [NAME …]]`, by default 2,000 events.

After every stretch of events the picture and its words must be those of a fresh explorer set to the same
values, and no message may tell of anything but a value that was entered wrongly on purpose.
"""

import asyncio
import html
import re
import sys
from collections import Counter
from itertools import repeat

import numpy as np
from ipywidgets import Button
from showcase import FIRST, NAMES, make

from leaky_lib.explorers import Choice, Explorer, Listed, LiveExplorer, Number, Walk

STRETCH = 100
TEXTS = ("0", "0, 0.1", "1, 2", "PReLU, 0", "0.2,", "", "x", "1; 2", "99", "-1, nan")
ON_PURPOSE = re.compile(
    r"must be (a whole number )?between|can list|must list|steps are the most|nothing to save yet"
)
UNREADABLE = re.compile(r"can list|must list")


def slide(explorer: Explorer, number: Number, rng: np.random.Generator) -> None:
    number.slider.index = int(rng.integers(len(number.places)))


def type_a_number(explorer: Explorer, number: Number, rng: np.random.Generator) -> None:
    typed = rng.uniform(*number.places[[0, -1]])
    number.field.value = round(typed) if number.whole else typed


def mistype(explorer: Explorer, number: Number, rng: np.random.Generator) -> None:
    low, high = number.places[[0, -1]]
    wrong = [low - 1, high + 1, 1e30, -1e30, np.nan, np.inf, -np.inf, *[low + 0.5] * number.whole]
    number.field.value = rng.choice(wrong)


def choose(explorer: Explorer, choice: Choice, rng: np.random.Generator) -> None:
    choice.value = str(rng.choice(choice.places))


def write_a_list(explorer: Explorer, listed: Listed, rng: np.random.Generator) -> None:
    listed.value = str(rng.choice(TEXTS))


def press(explorer: Explorer, button: Button, rng: np.random.Generator) -> None:
    if not button.disabled:
        button.click()


MOVES = {Number: (slide, type_a_number, mistype), Choice: (choose,), Listed: (write_a_list,)}


def buttons_of(widget: object) -> list[Button]:
    """Every button, but that which writes files."""
    if isinstance(widget, Button):
        return [widget] if widget.description != "Save" else []
    return [button for child in getattr(widget, "children", ()) for button in buttons_of(child)]


def moves_of(explorer: Explorer) -> list[tuple]:
    """Everything a hand can do to an explorer."""
    on_controls = [
        (move, control)
        for control in explorer.controls.values()
        for kind, moves in MOVES.items()
        if isinstance(control, kind)
        for move in moves
    ]
    return on_controls + [(press, button) for button in buttons_of(explorer)]


def made(name: str) -> Explorer:
    """A fresh explorer, whose runs are short: they bring a small result, time and again."""
    explorer = make(name)
    if isinstance(explorer, LiveExplorer):
        result = FIRST[name]() if name in FIRST else None
        explorer.experiment = lambda **values: repeat(result, 5 if result is not None else 0)
    return explorer


async def at_rest(explorer: Explorer, name: str) -> None:
    """Stop what runs, and put right a list that cannot be read."""
    if (task := getattr(explorer, "task", None)) is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    start = explorer.presets["Reset"]
    lists = {key: start[key] for key, part in explorer.controls.items() if isinstance(part, Listed)}
    if UNREADABLE.search(explorer.failure):
        explorer.set(**lists)


def differences(explorer: Explorer, name: str) -> list[str]:
    """What tells a played explorer from a fresh one set to the same values."""
    fresh = made(name)
    if isinstance(explorer, LiveExplorer):
        fresh.results = dict(explorer.results)
    if isinstance(explorer, Walk):
        fresh.rates = list(explorer.rates)
    fresh.set(**explorer.values)
    found = []
    if explorer.words != fresh.words:
        found.append(
            f"{name} at {explorer.values}: it says {explorer.words!r}, a fresh one {fresh.words!r}"
        )
    if explorer.picture.value != fresh.picture.value:
        found.append(f"{name} at {explorer.values}: the picture is not that of a fresh one")
    return found


async def _play(name: str, events: int, seed: int) -> tuple[list[str], Counter]:
    rng, explorer, played, problems = np.random.default_rng(seed), made(name), Counter(), []
    moves = moves_of(explorer)
    for event in range(1, events + 1):
        move, part = moves[rng.integers(len(moves))]
        move(explorer, part, rng)
        played[move.__name__] += 1
        if rng.random() < 0.5:
            await asyncio.sleep(0.002)
        said = filter(None, explorer.message.value.split("<br>"))
        problems += [
            f"{name}, event {event}, {move.__name__}: {html.unescape(line)}"
            for line in said
            if not ON_PURPOSE.search(line)
        ]
        if event % STRETCH == 0 or event == events:
            await at_rest(explorer, name)
            problems += differences(explorer, name)
    return problems, played


def play(name: str, events: int, seed: int = 0) -> tuple[list[str], Counter]:
    """Play with an explorer; returns what went wrong, and how often each move was made."""
    return asyncio.run(_play(name, events, seed))


def main(events: str = "2000", *names: str) -> int:
    """Play with the explorers named, or with all; print a line for each."""
    wrong = 0
    for name in names or NAMES:
        problems, played = play(name, int(events))
        wrong += len(problems)
        print(f"{name}: {played.total():,} events ({dict(played)}), {len(problems)} problems", flush=True)
        for problem in problems[:5]:
            print(f"  {problem}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(*sys.argv[1:]), 1))
