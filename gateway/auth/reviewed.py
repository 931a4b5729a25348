"""Reviewed data of those who sign in: tables of one kind in a TOML file, each with pinned keys.

In      A TOML file of `[[client]]` or `[[provider]]` tables; the public keys of each in a JWKS
        file beside it.
Out     Each table, checked as a whole, with its keys. Keys are pinned: nothing is fetched.
Errors  ConfigurationError, which names the table and the field, never a value.
"""

import json
import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.auth.jose import TrustedKeys
from gateway.errors import ConfigurationError


class Reviewed(BaseModel):
    """Part of such a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


_Table = TypeVar("_Table", bound=Reviewed)


def read_tables(path: Path, kind: str, table: type[_Table]) -> list[_Table]:
    """The `[[kind]]` tables of a file, which holds nothing else."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(f"the file of {kind}s cannot be read as TOML") from None
    rows = found.get(kind)
    if set(found) != {kind} or not isinstance(rows, list):
        text = f"the file of {kind}s holds [[{kind}]] tables and nothing else"
        raise ConfigurationError(text)
    return [_checked(kind, number, row, table) for number, row in enumerate(rows, 1)]


def check_apart(kind: str, named: str, names: Sequence[str]) -> None:
    """Errors: ConfigurationError where two tables have one name."""
    if len({*names}) < len(names):
        raise ConfigurationError(f"the file of {kind}s gives one {named} twice")


def pinned_keys(path: Path, whose: str, algorithms: Collection[str]) -> TrustedKeys:
    """The public keys of a JWKS file."""
    try:
        jwks = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        jwks = None
    if not isinstance(jwks, dict):
        raise ConfigurationError(f"{whose}: its JWKS file cannot be read")
    try:
        return TrustedKeys.of(jwks, algorithms)
    except ConfigurationError as fault:
        raise ConfigurationError(f"{whose}: {fault}") from None


def _checked(kind: str, number: int, row: object, table: type[_Table]) -> _Table:
    try:
        return table.model_validate(row)
    except ValidationError as faults:
        fields = sorted({".".join(map(str, fault["loc"])) for fault in faults.errors()})
        named = ", ".join(field or "fields that contradict each other" for field in fields)
        raise ConfigurationError(f"{kind} {number} of the file: {named}") from None
