"""The command line, in a folder of the test's own."""

import pytest

from tests.unit.cli.running import Commands


@pytest.fixture
def commands(tmp_path, monkeypatch):
    return Commands(tmp_path, monkeypatch)
