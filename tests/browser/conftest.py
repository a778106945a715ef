"""Starts a JupyterLab and a Chromium for these tests, or says why they cannot run here."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import lab as driver

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of one notebook one after another, so that each is loaded once."""
    places = [place for place, item in enumerate(items) if "lab" in getattr(item, "fixturenames", ())]
    ours = sorted((items[place] for place in places), key=_notebook_then_line)
    for place, item in zip(places, ours, strict=True):
        items[place] = item


def _notebook_then_line(item: pytest.Function) -> tuple[str, int]:
    return item.callspec.params["lab"], item.location[1] or 0


@pytest.fixture(scope="session", autouse=True)
def _browser_is_there() -> None:
    missing = driver.what_is_missing()
    if missing:
        pytest.skip(missing)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[driver.Server]:
    with driver.serve(tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("home")) as server:
        yield server


# Not for the session: while Playwright lives, asyncio.run fails in every other test.
@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with driver.browse() as browser:
        yield browser


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest, server: driver.Server, browser: "Browser") -> Iterator[driver.Lab]:
    """A notebook after Restart & Run All; one page load for all its tests."""
    lab = driver.Lab(server, browser)
    try:
        lab.open(f"notebooks/{request.param}.ipynb")
        lab.restart_and_run_all()
        yield lab
    finally:
        lab.close()
