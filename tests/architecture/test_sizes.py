"""No module and no function grows past what can be read at a sitting."""

import ast
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from tests.architecture.repository import PRODUCT, modules, relative, tree

PRODUCT_LINES: Final = 300
TEST_LINES: Final = 500
FUNCTION_LINES: Final = 40

# Tables of codes and mapping rows are read like a dictionary, entry by entry, and may be
# longer; what is not data in them still fits a typical module.
# A module outside these folders says so in the first line of its docstring: "Data table: ...".
DATA_TABLES: Final = (
    "mappings/*/codes.py",
    "mappings/*/codes/*.py",
    "mappings/*/rows.py",
    "mappings/*/rows/*.py",
    "mappings/core/r4/*.py",
    "mappings/terms/*.py",
)
LOGIC_IN_A_TABLE: Final = 120
# A migration is a list of statements, written once and never changed after its release.
MIGRATIONS: Final = "gateway/store/migrations/versions/"


def _functions(module: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(module) if isinstance(node, kinds)]


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_data_table(path: Path) -> bool:
    first = (ast.get_docstring(tree(path)) or "").split("\n", 1)[0]
    return first.startswith("Data table:") or any(
        fnmatch(relative(path), pattern) for pattern in DATA_TABLES
    )


def _logic_lines(module: ast.Module) -> int:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.For, ast.While, ast.If, ast.Try)
    return sum(_length(node) for node in module.body if isinstance(node, kinds))


def _sources() -> list[Path]:
    paths = modules(*PRODUCT, "tools", "bench")
    return [path for path in paths if not relative(path).startswith(MIGRATIONS)]


def test_a_module_is_readable_at_a_sitting():
    too_long = {
        relative(path): lines
        for path in _sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > PRODUCT_LINES
        and not _is_data_table(path)
    }
    assert too_long == {}, f"split by what the parts do; the limit is {PRODUCT_LINES} lines"


def test_a_test_module_is_readable_at_a_sitting():
    too_long = {
        relative(path): lines
        for path in modules("tests")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > TEST_LINES
    }
    assert too_long == {}, f"split by subject; the limit is {TEST_LINES} lines"


def test_a_function_fits_on_a_screen():
    too_long = {
        f"{relative(path)}:{node.lineno} {node.name}": _length(node)
        for path in _sources()
        for node in _functions(tree(path))
        if _length(node) > FUNCTION_LINES
    }
    assert too_long == {}, f"name its parts; the limit is {FUNCTION_LINES} lines"


def test_a_long_table_holds_data_and_little_logic():
    clever = {
        relative(path): lines
        for path in modules(*PRODUCT)
        if _is_data_table(path)
        and len(path.read_text(encoding="utf-8").splitlines()) > PRODUCT_LINES
        and (lines := _logic_lines(tree(path))) > LOGIC_IN_A_TABLE
    }
    assert clever == {}, "a table may be long because it is data; move its functions out"
