"""The files of this repository, read once for the tests that judge them all."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PRODUCT: Final = ("gateway", "mappings", "consent")
CODE: Final = (*PRODUCT, "tools", "bench", "tests")

_BINARY: Final = {
    ".db",
    ".gif",
    ".ico",
    ".jpg",
    ".pdf",
    ".png",
    ".pyc",
    ".woff",
    ".woff2",
    ".zip",
}
_NOT_OURS: Final = {"build", "dist", "node_modules", "__pycache__"}
_OF_ONE_MACHINE: Final = {".env", "keys.json"}
_HIDDEN_BUT_OURS: Final = {".ci", ".dockerignore", ".env.example", ".gitignore"}


def text_files() -> Iterator[Path]:
    """Every text file that belongs to the project, whatever its folder."""
    yield from _walk(ROOT)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") and path.name not in _HIDDEN_BUT_OURS:
            continue
        if path.is_dir():
            if path.name not in _NOT_OURS and not path.name.endswith(".egg-info"):
                yield from _walk(path)
        elif path.suffix not in _BINARY and path.name not in _OF_ONE_MACHINE:
            yield path


def modules(*folders: str) -> list[Path]:
    """Every Python module below the named folders of the repository."""
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "__pycache__" not in path.parts
    ]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of one module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=relative(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Everything in the syntax tree of one module."""
    return tuple(ast.walk(tree(path)))


def relative(path: Path) -> str:
    """The path as people write it, from the root of the repository."""
    return path.relative_to(ROOT).as_posix()
