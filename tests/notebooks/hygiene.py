"""What every saved notebook must keep to, that a reader would notice and nbval does not.

Every check takes the notebook and its path and returns the problems it found, in words.
"""

import ast
import re
from collections.abc import Callable, Iterator
from itertools import islice, pairwise, zip_longest
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mistune
import refresh_notebooks
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode, reader

Check = Callable[[NotebookNode, Path], list[str]]

MOST_BYTES = 1_500_000
MOST_CLAIMS = 6
CHALLENGE = "## Carry it on"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NBVAL_EXCUSES = {"nbval-ignore-output", "nbval-raises-exception"}

TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|tmp|work|Users)/|\b[A-Za-z]:[\\/]+Users\b")
BARE_REPR = re.compile(r"\s*(?:<.*>|\w+\((?:children|value)=.*\))?\s*", re.DOTALL)
SEEN_AT_THE_END = re.compile(r"(?:figures\.show|(?:explorers|exercises)\.\w+|\w+\.summary)\(")
NBVAL_COMMENT = re.compile(r"^\s*#+\s*(?:NBVAL|PYTEST_VALIDATE)_[A-Z_]+\s*$", re.MULTILINE)

_markdown_to_html = mistune.create_markdown(escape=False, plugins=["math", "table"])


def load(path: Path) -> NotebookNode:
    """Parse a notebook as it stands: nbformat.read would quietly give missing ids."""
    return reader.reads(path.read_text(encoding="utf-8"))


def _code_cells(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            yield f"cell {index}", cell


def _markdown_cells(notebook: NotebookNode) -> Iterator[tuple[str, BeautifulSoup]]:
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            html = BeautifulSoup(_markdown_to_html(cell.source), "html.parser")
            yield f"cell {index}", html


def _outputs(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    for place, cell in _code_cells(notebook):
        for output in cell.outputs:
            yield place, output


def _output_text(output: NotebookNode) -> str:
    bundle = output.get("data", {})
    # Letters that happen to spell a path in a picture's base64 say nothing.
    shown = [str(content) for mime, content in bundle.items() if not _is_bitmap(mime)]
    text = "\n".join([*shown, output.get("text", ""), *_error_lines(output)])
    return TERMINAL_COLOUR.sub("", text)


def _is_bitmap(mime: str) -> bool:
    return mime.startswith("image/") and mime != "image/svg+xml"


def _error_lines(output: NotebookNode) -> list[str]:
    return [output.get("ename", ""), output.get("evalue", ""), *output.get("traceback", [])]


def _tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def is_as_it_is_refreshed(notebook: NotebookNode, path: Path) -> list[str]:
    saved = path.read_text(encoding="utf-8")
    fresh = refresh_notebooks.as_text(refresh_notebooks.normalise(notebook))
    lines = enumerate(zip_longest(saved.split("\n"), fresh.split("\n")), start=1)
    differ = (
        f"line {n}: {old!r}, run refresh_notebooks.py for {new!r}" for n, (old, new) in lines if old != new
    )
    return list(islice(differ, 1))


def is_executed_in_order(notebook: NotebookNode, path: Path) -> list[str]:
    cells = [(place, cell) for place, cell in _code_cells(notebook) if cell.source.strip()]
    return [
        f"{place}: execution count is {cell.execution_count}, should be {count}"
        for count, (place, cell) in enumerate(cells, start=1)
        if cell.execution_count != count
    ]


def has_no_stderr(notebook: NotebookNode, path: Path) -> list[str]:
    return [
        f"{place}: stderr output {output.text[:80]!r}"
        for place, output in _outputs(notebook)
        if output.output_type == "stream" and output.name == "stderr"
    ]


def has_no_widget_view(notebook: NotebookNode, path: Path) -> list[str]:
    return [
        f"{place}: a widget view is saved; it shows an error until the cell is run"
        for place, output in _outputs(notebook)
        if WIDGET_VIEW in output.get("data", {})
    ]


def has_no_machine_path(notebook: NotebookNode, path: Path) -> list[str]:
    sources = [(f"cell {index}", cell.source) for index, cell in enumerate(notebook.cells)]
    outputs = [(place, _output_text(output)) for place, output in _outputs(notebook)]
    return [
        f"{place}: machine path {match[0]!r}"
        for place, text in sources + outputs
        for match in MACHINE_PATH.finditer(text)
    ]


def has_ordered_headings(notebook: NotebookNode, path: Path) -> list[str]:
    headings = [
        (place, int(heading.name[1]), heading.get_text())
        for place, html in _markdown_cells(notebook)
        for heading in html.find_all(re.compile(r"^h[1-6]$"))
    ]
    levels = [level for _, level, _ in headings]
    problems = []
    if levels.count(1) != 1:
        problems.append(f"there are {levels.count(1)} headings of level 1, should be one")
    if not _opens_with_title(notebook):
        problems.append("the first cell does not open with the heading of level 1")
    for (_, above, _), (place, level, text) in pairwise(headings):
        if level > above + 1:
            problems.append(f"{place}: heading {text!r} skips from level {above} to {level}")
    return problems


def _opens_with_title(notebook: NotebookNode) -> bool:
    if not notebook.cells or notebook.cells[0].cell_type != "markdown":
        return False
    _, html = next(_markdown_cells(notebook))
    first = html.find(True)
    return first is not None and first.name == "h1"


def has_alternative_texts(notebook: NotebookNode, path: Path) -> list[str]:
    images = [
        f"{place}: image {image.get('src')!r} in the text has no alternative text"
        for place, html in _markdown_cells(notebook)
        for image in html.find_all("img")
        if not image.get("alt", "").strip()
    ]
    pictures = [
        f"{place}: a picture in the output has no alternative text"
        for place, output in _outputs(notebook)
        if "image/png" in output.get("data", {}) and not _describes_its_picture(output)
    ]
    return images + pictures


def _describes_its_picture(output: NotebookNode) -> bool:
    alternative = output.metadata.get("image/png", {}).get("alt", "")
    return bool(alternative.strip()) or not BARE_REPR.fullmatch(output.data.get("text/plain", ""))


def gives_reasons_to_nbval(notebook: NotebookNode, path: Path) -> list[str]:
    problems = []
    for place, cell in _code_cells(notebook):
        reason = cell.metadata.get("reason", "")
        if "nbval-skip" in _tags(cell):
            problems.append(f"{place}: the tag nbval-skip is not allowed")
        if _tags(cell) & NBVAL_EXCUSES and not (isinstance(reason, str) and reason.strip()):
            problems.append(f"{place}: an nbval tag without metadata.reason")
        for match in NBVAL_COMMENT.finditer(cell.source):
            problems.append(f"{place}: {match[0].strip()!r} should be a tag with a reason")
    return problems


def has_working_links(notebook: NotebookNode, path: Path) -> list[str]:
    return [
        f"{place}: link to {target!r} leads nowhere"
        for place, html in _markdown_cells(notebook)
        for link in html.find_all(["a", "img"])
        if (target := _relative_target(link)) and not (path.parent / target).exists()
    ]


def _relative_target(link: Tag) -> str:
    parts = urlsplit(link.get("href") or link.get("src") or "")
    return "" if parts.scheme or parts.netloc else unquote(parts.path)


def imports_first(notebook: NotebookNode, path: Path) -> list[str]:
    place, cell = next(_code_cells(notebook), ("", None))
    if cell is None:
        return []
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:
        return [f"{place}: the first code cell is not plain Python"]
    only_imports = all(isinstance(each, ast.Import | ast.ImportFrom) for each in statements)
    return [] if only_imports else [f"{place}: the first code cell does more than import"]


def shows_what_it_makes(notebook: NotebookNode, path: Path) -> list[str]:
    return [
        f"{place}: {ast.unparse(statement)[:60]!r} is not the cell's last line, so nobody sees it"
        for place, cell in _code_cells(notebook)
        for statement in _plain_python(cell.source)[:-1]
        if isinstance(statement, ast.Expr) and SEEN_AT_THE_END.match(ast.unparse(statement))
    ]


def _plain_python(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def makes_few_claims(notebook: NotebookNode, path: Path) -> list[str]:
    calls = [
        node
        for _, cell in _code_cells(notebook)
        for statement in _plain_python(cell.source)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "exercises.defend"
    ]
    claims = sum(len(call.args[0].keys) for call in calls)
    few = claims <= MOST_CLAIMS
    return [] if few else [f"{claims} claims at its end; nobody keeps more than {MOST_CLAIMS}"]


def folds_an_answer_below_its_challenge(notebook: NotebookNode, path: Path) -> list[str]:
    starts = [n for n, cell in enumerate(notebook.cells) if cell.source.startswith(CHALLENGE)]
    if not starts:
        return []
    below = notebook.cells[starts[0] :]
    answered = any("solution" in _tags(cell) and "<details>" in cell.source for cell in below)
    return [] if answered else ["the challenge has no folded answer below it"]


def is_small(notebook: NotebookNode, path: Path) -> list[str]:
    size = path.stat().st_size
    return [] if size < MOST_BYTES else [f"the file has {size:,} bytes, {MOST_BYTES:,} is too many"]


CHECKS: tuple[Check, ...] = (
    is_as_it_is_refreshed,
    is_executed_in_order,
    has_no_stderr,
    has_no_widget_view,
    has_no_machine_path,
    has_ordered_headings,
    has_alternative_texts,
    gives_reasons_to_nbval,
    has_working_links,
    imports_first,
    shows_what_it_makes,
    makes_few_claims,
    folds_an_answer_below_its_challenge,
    is_small,
)
