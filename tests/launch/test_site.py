"""Proves that the notebooks run on the built site, where there is no server, and nothing else to reach."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import lab as driver
import pytest
import site_driver

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = sorted(path.stem for path in driver.NOTEBOOKS.glob("*.ipynb"))
EVERY = "LEAKY_SITE_EVERY_NOTEBOOK"


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    if site_driver.PYODIDE not in os.environ:
        pytest.skip(f"{site_driver.PYODIDE} does not name a folder with Pyodide")
    if driver.what_is_missing():
        pytest.skip(driver.what_is_missing())
    if site_driver.builder() is None:
        pytest.skip("building the site needs Python 3.12 or newer; there is none on the path")
    with driver.browse(site_driver.NOTHING_BUT_THIS_MACHINE) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = site_driver.build_site(site_driver.builder(), tmp_path_factory.mktemp("build"))
    with site_driver.served_as_pages_does(site) as address:
        yield address


@pytest.fixture(scope="module")
def first_tab(browser: "Browser", address: str) -> Iterator[site_driver.LiteLab]:
    lab = site_driver.LiteLab(address, site_driver.browser_profile(browser))
    try:
        lab.enter(f"{NAMES[0]}.ipynb")
        yield lab
    finally:
        lab.close()


@pytest.fixture(scope="module")
def second_tab(first_tab: site_driver.LiteLab) -> site_driver.LiteLab:
    return first_tab.in_another_tab("01_definition.ipynb")


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_notebook_runs_and_its_sliders_move_the_pictures(name: str, browser: "Browser", address: str):
    if EVERY not in os.environ:
        pytest.skip(f"takes minutes without a server's threads; set {EVERY}=1 to run it too")
    lab = site_driver.LiteLab(address, site_driver.browser_profile(browser))
    try:
        lab.open(f"{name}.ipynb")
        lab.run_all()
        assert_all_is_well(lab)
    finally:
        lab.close()


def test_the_front_door_leads_to_the_first_notebook_which_runs_and_runs_again(
    first_tab: site_driver.LiteLab,
):
    first_tab.run_all()
    assert_all_is_well(first_tab)
    first_tab.restart_and_run_all()
    assert_all_is_well(first_tab)
    first_tab.page.get_by_role("tab", name="Table of Contents").click()
    headings = first_tab.page.locator(".jp-TableOfContents-tree .jp-tocItem-heading")
    first_tab.wait_until(lambda: headings.count() >= 5, "the headings of the first notebook")


def test_a_second_tab_does_not_open_the_notebook_of_the_first_again(second_tab: site_driver.LiteLab):
    assert second_tab.documents() == ["01_definition.ipynb"]


def test_a_run_is_stopped_before_it_is_done(second_tab: site_driver.LiteLab):
    second_tab.run_all()
    run = second_tab.explorer_in_a_new_cell("explorers.divergence()")
    run.set(["learning rate", "nothing", "50"])
    run.start()
    run.stop()
    assert run.message() == ""
    run.set(["learning rate", "clipping", "5"])
    run.finish()
    assert run.message() == ""


def assert_all_is_well(lab: site_driver.LiteLab) -> None:
    """No error, pictures that follow their controls, and nothing asked of another machine."""
    assert lab.cell_errors() == []
    assert lab.widget_errors() == []
    followers = [explorer for explorer in lab.explorers if not explorer.has_run]
    assert followers, "no picture that follows its controls at once"
    for explorer in followers:
        for key in ("End", "Home"):
            explorer.send(explorer.controls[0], key)
        assert explorer.message() == ""
    assert lab.asked_elsewhere == []
