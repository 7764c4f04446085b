"""Architecture tests: imports run in one direction; modules and functions are small and flat."""

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "styletransfer"
WINGS = ("network", "engine", "service", "batch", "page")
# Modules above all subpackages: the command line and what `import styletransfer` offers.
DOORS = {
    "__init__",
    "__main__",
    "arguments",
    "batch_command",
    "cli",
    "losses_log",
    "publish",
    "requested",
}
DOORS |= {"saving"}
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((PACKAGE.parent / "tests").rglob("*.py"))
LONGEST_FUNCTION, LONGEST_MODULE = 60, 300  # lines
DEEPEST_NESTING = 3  # control blocks


def floor(path: Path) -> int:
    """The module's level: 0 for modules at the root, more for each subpackage, `DOORS` at the top."""
    first, *rest = path.relative_to(PACKAGE).with_suffix("").parts
    if rest:
        return 1 + WINGS.index(first)
    return 1 + len(WINGS) if first in DOORS else 0


@cache
def imported(path: Path) -> tuple[set[Path], set[str]]:
    """The files of this package that a module imports, and the names of other packages."""
    ours, others = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            others |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            others.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            names = [folder / f"{alias.name}.py" for alias in node.names]
            ours |= {each for each in names if each.exists()} or {folder.with_suffix(".py")}
    return ours, others


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_in_one_direction(path):
    ours, others = imported(path)
    assert [each for each in ours if not each.exists() and not each.with_suffix("").is_dir()] == []
    assert [each for each in ours if floor(each) > floor(path)] == []
    assert "styletransfer" not in others  # the package imports itself relatively, which is checked above


def test_no_modules_import_each_other_in_a_circle():
    graph = TopologicalSorter({path: imported(path)[0] for path in MODULES})
    graph.prepare()  # raises CycleError, which names the modules of the cycle


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_below_the_page_imports_gradio(path):
    above = 1 + WINGS.index("page")
    assert floor(path) == above or "gradio" not in imported(path)[1]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(PACKAGE.parent)))
def test_no_test_module_imports_another(path):
    modules = re.findall(r"^\s*(?:from|import) (tests\S*|\.\S*)", path.read_text("utf-8"), re.MULTILINE)
    assert [each for each in modules if not each.startswith("tests.support.")] == []


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(PACKAGE.parent)))
def test_coroutines_are_run_where_the_browser_lets_them(path):
    """After a browser's test an event loop is running, in which `asyncio.run` is refused."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    used = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    assert path.stem == "coroutines" or "asyncio.run" not in used


BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar)
BLOCKS += (ast.Match,)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def depth(node: ast.AST) -> int:
    """The depth of nested control blocks; `elif` adds none, inner functions are counted separately."""
    inner = 0
    for field, children in ast.iter_fields(node):
        for child in children if isinstance(children, list) else [children]:
            if isinstance(child, ast.AST) and not isinstance(child, FUNCTIONS):
                chained = isinstance(node, ast.If) and field == "orelse" and children == [child]
                further = isinstance(child, BLOCKS) and not (chained and isinstance(child, ast.If))
                inner = max(inner, further + depth(child))
    return inner


@pytest.mark.parametrize(
    "path",
    [*MODULES, PACKAGE.parent / "app.py"],
    ids=lambda path: str(path.relative_to(PACKAGE.parent)),
)
def test_modules_and_functions_are_small_and_flat(path):
    text = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, FUNCTIONS)]
    long = {each.name: each.end_lineno - each.lineno + 1 for each in functions}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION} == {}
    deep = {each.name: depth(each) for each in functions}
    assert {name: levels for name, levels in deep.items() if levels > DEEPEST_NESTING} == {}
    assert len(text.splitlines()) <= LONGEST_MODULE
