"""Proves that what the page is told arrives there as it was meant."""

from bs4 import BeautifulSoup

from leaky_lib import page


def test_a_name_cannot_smuggle_in_html():
    shown = page.handle_named('"><script>', ["0", "0.5"])
    (style,) = BeautifulSoup(shown.value, "html.parser").find_all()
    assert style["data-label"] == '"><script>'
    assert style["data-texts"] == "0|0.5"
    assert style["onload"] == page.NAME_THE_HANDLE
