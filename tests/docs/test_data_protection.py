"""The data-protection page names every table and column, and what is sealed is sealed."""

import re
from typing import Final

import pytest
from sqlmodel import SQLModel

from gateway.settings import Settings
from gateway.store.database import schema  # noqa: F401 - registers the tables
from gateway.store.keyring.keys import PURPOSES
from gateway.store.sealed.sealing import LONGEST_LIFETIME
from tests.docs.fences import ROOT

PAGE: Final = (ROOT / "docs" / "data-protection.md").read_text("utf-8")
TABLES: Final = SQLModel.metadata.sorted_tables
HIDDEN: Final = re.compile(r"(?:^sealed|_hash|^wrapped|^container)$")
"""Columns that hold nothing to be read without a key."""


def _row(name: str) -> tuple[str, str]:
    """The cells "in clear" and "hashed or sealed" of a table."""
    for line in PAGE.split("## What stands where")[1].splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if f"`{name}`" in cells[0] and len(cells) == 3:
            return cells[1], cells[2]
    raise AssertionError(f"no row about {name}")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_stands_where_it_belongs(table):
    clear, closed = _row(table.name)
    for column in [one.name for one in table.columns]:
        where = closed if HIDDEN.search(column) and column != "leaf_hash" else clear
        assert f"`{column}`" in where, f"{table.name}.{column}"


def test_the_page_names_no_table_or_column_that_is_gone():
    part = PAGE.split("## What stands where")[1].split("\n## ")[0]
    told = set(re.findall(r"`([a-z_]+)`", part))
    there = {table.name for table in TABLES} | {c.name for t in TABLES for c in t.columns}
    assert told <= there


def test_every_purpose_of_a_key_is_explained():
    told = re.findall(r"^\| `([a-z-]+)` \|", PAGE.split("## Keys")[1], re.MULTILINE)
    assert tuple(told) == PURPOSES


def test_the_figures_are_those_of_the_code():
    assert f"`GATEWAY_RAW_DELIVERY_DAYS` ({Settings().raw_delivery_days})" in PAGE
    assert LONGEST_LIFETIME.total_seconds() == 300
    assert "five minutes at most" in PAGE
