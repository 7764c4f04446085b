"""Imports run one way: a module knows only of those in rows before its own."""

import ast

import pytest
from engine import ROOT

PACKAGE = ROOT / "styletransfer"
ROWS = [
    {"allocator", "early", "errors", "pooling", "draft", "adam", "colour"},
    {"convolution", "losses", "settings", "checkpoints", "hub"},
    {"weights"},
    {"vgg"},
    {"images", "lbfgs", "presets", "recipe"},
    {"handed", "masks"},
    {"strips"},
    {"memory", "objective"},
    {"descent"},
    {"stylize"},
    {"forecast"},
    {"__init__", "film", "jobs"},
    {"cli"},
    {"__main__"},
]  # and above them all the page's modules, which are free
BELOW_THE_PAGE = sorted(set().union(*ROWS))


def imports(module):
    """The names of the modules of this package that it imports, and those of other packages."""
    ours, others = set(), set()
    for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            others |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            # `from .images import x`, or `from . import images`.
            ours |= {node.module} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            others.add(node.module)
    return ours, {name.split(".")[0] for name in others}


@pytest.mark.parametrize("module", BELOW_THE_PAGE)
def test_imports_run_one_way(module):
    row = next(number for number, names in enumerate(ROWS) if module in names)
    ours, others = imports(module)
    assert ours <= set().union(*ROWS[:row])
    assert "styletransfer" not in others  # by the relative name, which is looked at above


@pytest.mark.parametrize("module", BELOW_THE_PAGE)
def test_nothing_below_the_page_imports_gradio(module):
    assert not {name for name in imports(module)[1] if name.startswith("gradio")}
