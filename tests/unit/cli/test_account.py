"""Who an operator is: the account that the machine knows, whatever the environment says."""

import os
import pwd

import pytest

from gateway.cli.account import account_name


def own() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize("noted", ["4294967295", "", "no number"])
def test_where_nobody_signed_in_it_is_the_account_of_the_process(tmp_path, monkeypatch, noted):
    monkeypatch.setenv("LOGNAME", "somebody-else")
    (tmp_path / "loginuid").write_text(noted)
    assert account_name(tmp_path / "loginuid") == own()
    assert account_name(tmp_path / "none") == own()


def test_who_signed_in_stays_who_they_are_through_another_account(tmp_path):
    (tmp_path / "loginuid").write_text("0")
    assert account_name(tmp_path / "loginuid") == pwd.getpwuid(0).pw_name
    (tmp_path / "loginuid").write_text("4000000001")
    assert account_name(tmp_path / "loginuid") == "uid-4000000001"
