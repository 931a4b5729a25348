"""Tables: drawn on a terminal, tab-separated in a pipe, and one line a row either way."""

import sys

import pytest

from gateway.cli import output

ROWS = [("gp", 2, None), ("social-care", ["a", "b"], "two\nlines\tand a tab")]


def test_in_a_pipe_a_table_is_tab_separated(capsys):
    output.table(("feed", "number", "text"), ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "feed\tnumber\ttext",
        "gp\t2\t",
        "social-care\ta, b\ttwo lines and a tab",
    ]


@pytest.mark.parametrize("no_color", ["1", ""])
def test_on_a_terminal_it_is_drawn_and_colours_can_be_refused(capsys, monkeypatch, no_color):
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    output.table(("feed", "number", "text"), [*ROWS, ("[bold]", "1", "not markup")])
    out = capsys.readouterr().out
    assert "\t" not in out
    assert "social-care" in out
    assert "[bold]" in out, "what a cell says is never taken for markup"
    if no_color:
        assert "\x1b[3" not in out


def test_talk_goes_to_standard_error(capsys):
    output.say("hello")
    output.data("a line")
    written = capsys.readouterr()
    assert (written.out, written.err) == ("a line\n", "hello\n")
