"""Plays with an explorer on the page at random: the browser's counterpart of `tests/unit/play.py`."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lab import Control, Explorer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))

from play import ON_PURPOSE, TEXTS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

KEYS = ("Home", "End", "ArrowLeft", "ArrowRight", "PageUp", "PageDown")


def slide(control: Control, chance: random.Random) -> None:
    control.press(chance.choice(KEYS))


def type_a_number(control: Control, chance: random.Random) -> None:
    low, high = control.range()
    typed = chance.uniform(low, high)
    control.set(f"{typed:.0f}" if control.is_whole() else f"{typed:.6g}")


def mistype(control: Control, chance: random.Random) -> None:
    low, high = control.range()
    wrong = [low - 1, high + 1, 1e9, -1e9, *[low + 0.5] * control.is_whole()]
    control.set(f"{chance.choice(wrong):.15g}")


def write_a_list(field: Locator, chance: random.Random) -> None:
    field.fill(chance.choice(TEXTS))
    field.press("Enter")


def press(button: Locator, chance: random.Random) -> None:
    button.click(force=True)  # one that is disabled as well: nothing may come of it


def moves_of(explorer: Explorer) -> list[Callable[[random.Random], None]]:
    """Everything a hand can do to an explorer, but press the button that writes files."""
    numbers = [control for control in explorer.controls if control.is_number]
    return [
        *(partial(slide, control) for control in explorer.controls),
        *(partial(move, control) for control in numbers for move in (type_a_number, mistype)),
        *(partial(write_a_list, field) for field in explorer.lists),
        *(partial(press, explorer.button(text)) for text in explorer.buttons() if text != "Save"),
    ]


def play(explorer: Explorer, events: int, seed: int = 0) -> list[str]:
    """Play, and put right what was mistyped; returns the messages that were not on purpose."""
    chance, problems = random.Random(seed), []
    moves, lists = moves_of(explorer), [field.input_value() for field in explorer.lists]
    for _ in range(events):
        move = chance.choice(moves)
        move(chance)
        if chance.random() < 0.5:
            explorer.lab.page.wait_for_timeout(50)
        said = filter(None, explorer.message().splitlines())
        problems += [f"{move}: {line}" for line in said if not ON_PURPOSE.search(line)]
    explorer.halt()
    for control in explorer.controls:
        if control.is_number and not control.range()[0] <= float(control.value()) <= control.range()[1]:
            control.set(f"{control.range()[0]:.15g}")
    for field, text in zip(explorer.lists, lists, strict=True):
        field.fill(text)
        field.press("Enter")
    explorer.wait_for_rest()
    return problems
