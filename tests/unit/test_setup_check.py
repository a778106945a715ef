"""Proves that the set-up check sees what is wrong and says what to do about it."""

import sys
from importlib.metadata import PackageNotFoundError

import pytest

from leaky_lib import setup_check


def test_a_good_set_up_is_called_fine_and_the_button_answers():
    box = setup_check.check()
    assert box._repr_mimebundle_()["text/plain"].startswith("Python and all packages: fine.")
    assert setup_check.ALIVE not in box.reply.value
    box.button.click()
    assert setup_check.ALIVE in box.reply.value


def test_a_package_that_is_too_old_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setattr(setup_check, "version", lambda name: "0.1" if name == "numpy" else "99")
    assert any(
        problem.startswith("numpy 0.1 does not fit; needed is ") for problem in setup_check.problems()
    )
    assert (
        f"{sys.executable} -m pip install -r requirements.txt"
        in setup_check.check()._repr_mimebundle_()["text/plain"]
    )


def test_a_missing_package_is_named(monkeypatch):
    def version(name: str) -> str:
        if name == "ipywidgets":
            raise PackageNotFoundError(name)
        return "2.4" if name == "numpy" else "8.9"

    monkeypatch.setattr(setup_check, "version", version)
    assert "ipywidgets is not installed." in setup_check.problems()


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(setup_check, "OLDEST_PYTHON", (99, 0))
    assert any("is too old" in problem for problem in setup_check.problems())


def test_a_library_that_is_not_installed_is_said_so(monkeypatch):
    monkeypatch.setattr(setup_check, "PROJECT", "no-such-project")
    assert setup_check.problems() == ["leaky_lib is not installed in this kernel's Python."]


@pytest.mark.parametrize("text", [setup_check.REMEDY, setup_check.NOT_ALIVE])
def test_advice_is_in_whole_sentences(text):
    assert text.endswith(".")
