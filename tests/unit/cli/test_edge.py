"""How a command ends: one line, a hint, an exit code, and nothing that was sent."""

import os
import subprocess
import sys
import time

import pytest

from gateway.cli import app
from gateway.cli.edge import told
from gateway.errors import (
    ConfigurationError,
    Fault,
    ForbiddenError,
    NotTheFormatError,
    TooLargeError,
)

HEAVY = {"alembic", "asyncpg", "cryptography", "fastapi", "fhir", "pydantic", "sqlalchemy"}


def _seconds(*command: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return time.perf_counter() - start


@pytest.mark.soak
def test_help_is_quick():
    """Measured against the interpreter's own start, on whatever machine this is."""
    nothing = min(_seconds(sys.executable, "-c", "pass") for _ in range(5))
    call = "from gateway.cli import app; app(['--help'])"
    help_ = min(_seconds(sys.executable, "-c", call) for _ in range(5))
    assert help_ < 25 * nothing


def test_help_loads_nothing_heavy():
    call = "import sys, gateway.cli; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", call], check=True, capture_output=True, text=True, timeout=120
    )
    assert set(done.stdout.split()) & HEAVY == set()


@pytest.mark.parametrize(
    ("fault", "line", "code"),
    [
        (ConfigurationError("the key file is not JSON"), "the key file is not JSON", 1),
        (NotTheFormatError([Fault("structure", "", "not CSV")]), "not CSV", 2),
        (ForbiddenError(), "The caller's role, kind or feed may not do this", 1),
        (TooLargeError(), "The body is above the size", 1),
        (ConnectionRefusedError(111, "Connection refused"), "the database cannot be used", 1),
        (PermissionError(13, "Permission denied", "keys.json"), "permission denied: keys.json", 1),
        (ValueError("9990000077 ASHDOWN"), "an internal fault (ValueError)", 1),
    ],
)
def test_an_error_is_told_in_our_words(fault, line, code):
    said, _, told_code = told(fault)
    assert said.startswith(line)
    assert told_code == code
    assert "ASHDOWN" not in said


@pytest.mark.parametrize("command", [["config", "show"], ["policy", "show"]])
def test_whoever_reads_only_the_beginning_is_told_nothing(command, tmp_path):
    """As `care-gateway config show | head` does, once head has ended."""
    read, write = os.pipe()
    os.close(read)
    call = f"from gateway.cli import app; app({command})"
    try:
        done = subprocess.run(
            [sys.executable, "-c", call], stdout=write, stderr=subprocess.PIPE, timeout=120,
            check=False, cwd=tmp_path, env={"PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
    finally:
        os.close(write)
    assert done.stderr == b""
    assert done.returncode == 1


def test_a_wrong_setting_is_one_line_and_a_hint(commands):
    commands.set(port="none-of-your-business")
    done = commands("config", "show")
    assert done.exit_code == 1
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("error: GATEWAY_PORT: ")
    assert second.startswith("hint: ")
    assert "none-of-your-business" not in done.stderr


def test_debug_shows_the_error_itself(commands):
    commands.set(port="x")
    done = commands("--debug", "config", "show")
    assert isinstance(done.exception, ConfigurationError)


def test_a_traceback_never_shows_variables():
    assert app.pretty_exceptions_enable is False
    assert app.pretty_exceptions_show_locals is False


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing-of-this-name",),
        ("map",),
        ("map", "no-such-feed", "x"),
        ("map", "social-care", "no-such-file"),
        ("config", "show", "no-such-setting"),
        ("audit", "search", "--event", "no-such-event"),
        ("keys", "rotate", "identity"),
    ],
)
def test_wrong_usage_is_2(commands, arguments):
    done = commands(*arguments)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""


def test_asking_for_help_is_no_error_and_no_command_is_usage(commands):
    assert commands("--help").exit_code == 0
    assert commands().exit_code == 2
