"""Proves that what 00 writes out in its cells agrees with what stands elsewhere: its loop, its packages."""

import ast
import importlib.metadata
import re
import tomllib
from pathlib import Path

import hygiene
import pytest

from leaky_lib.explorers.start import OneNumberView

ROOT = Path(__file__).parents[2]


def source_of(words: str) -> str:
    (cell,) = (
        cell
        for cell in hygiene.load(ROOT / "notebooks" / "00_start_here.ipynb").cells
        if cell.cell_type == "code" and words in cell.source
    )
    return cell.source


def test_the_loop_that_is_shown_is_the_one_that_the_explorer_draws():
    names = {}
    exec(source_of("while z <= 0"), names)
    view = OneNumberView()
    for alpha, (z, steps) in names["found"].items():
        path = view.path(alpha)
        assert path[steps] == z
        assert (path[:steps] <= 0).all()


SET_UP = source_of("new_enough")


def test_the_packages_asked_for_are_those_of_the_project():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    oldest = {re.match(r"[a-z]+", line)[0]: re.search(r">=([\d.]+)", line)[1] for line in wanted}
    del oldest["threadpoolctl"]  # leaky_lib works without it, in the browser
    asked = ast.literal_eval(re.search(r"\{.*?\}", SET_UP)[0])
    assert {name: ".".join(map(str, numbers)) for name, numbers in asked.items()} == oldest


@pytest.mark.parametrize(("here", "said"), [("0.1", "is too old"), ("99.0.0rc1", "is fine")])
def test_a_package_that_is_too_old_is_named_and_the_button_replies(monkeypatch, capsys, here, said):
    monkeypatch.setattr(importlib.metadata, "version", lambda package: here)
    names = {}
    exec(SET_UP, names)
    assert capsys.readouterr().out.startswith(f"numpy {here} {said}\n")
    names["button"].click()
    assert names["button"].description == "It works"
