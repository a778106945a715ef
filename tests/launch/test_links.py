"""Proves that the README's links open every notebook elsewhere, at the address in pyproject.toml."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import links

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def test_the_links_are_those_of_the_address_in_pyproject():
    assert links.README.read_text(encoding="utf-8") == links.readme(), "run: python binder/links.py"


def test_every_notebook_has_a_link_to_binder_and_one_to_the_site():
    readme = links.readme()
    for path in NOTEBOOKS:
        row = next(line for line in readme.splitlines() if line.startswith("|") and path.name in line)
        goals = [
            re.search(rf"^\[{label}\]: (\S+)$", readme, re.MULTILINE).group(1)
            for label in re.findall(r"\]\[([^\]]+)\]", row)
        ]
        assert [goal.rpartition("/notebooks/")[2] for goal in goals if "mybinder" in goal] == [path.name]
        (page,) = [parse_qs(urlsplit(goal).query) for goal in goals if "github.io" in goal]
        assert page == {"path": [path.name], "workspace": [path.stem]}


def test_the_badge_leads_to_the_first_notebook():
    readme = links.readme()
    label = re.search(r"badge_logo\.svg\)\]\[([^\]]+)\]", readme).group(1)
    assert re.search(rf"^\[{label}\]: .*{NOTEBOOKS[0].name}$", readme, re.MULTILINE)
