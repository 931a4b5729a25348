"""Checkpoints leave the building: by file and by POST, tried again, and told of where one lags."""

import json
from datetime import timedelta

import pytest

from gateway.audit.checkpoint import Verifier
from gateway.errors import ConfigurationError
from gateway.flows.asking.search_log import origin
from gateway.flows.audit import mail_checkpoint, publish_log
from gateway.flows.audit import tell_witnesses as tell_witnesses_module
from gateway.flows.audit.tell_witnesses import tell_witnesses
from gateway.settings import Settings, Witness
from tests.api.mailbox import mailbox
from tests.api.outside import outside
from tests.fake_log import FakeLog

__all__ = ["mailbox", "outside"]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "kept"
    made.mkdir()
    return made


def _tell(gateway, *given_to):
    name = origin(gateway.settings.base_url)
    return gateway.run(tell_witnesses(gateway.site.store, name, given_to, gateway.at))


def _verified(gateway, note):
    (key,) = gateway.get("/log/keys").text.split()
    verifier = Verifier.from_text(key)
    return verifier.verify(note, verifier.name)


def test_a_folder_is_given_each_checkpoint_once(gateway, world, folder):
    witness = Witness(name="board", folder=folder)
    made = _tell(gateway, witness)
    (file,) = folder.iterdir()
    assert file.name == f"checkpoint-{made.size:012}.txt"
    assert _verified(gateway, file.read_text()).size == made.size
    gateway.get(f"Patient/{world.norma}", world.gp)
    gateway.at += timedelta(minutes=1)
    second = _tell(gateway, witness)
    assert second.size > made.size
    assert len(list(folder.iterdir())) == 2


def test_an_address_is_sent_the_signed_text_with_its_token(gateway, outside, tmp_path):
    token = tmp_path / "token"
    token.write_text("of-the-witness\n")
    made = _tell(gateway, Witness(name="trust", url=outside.url, token_file=token))
    assert outside.taken == [made.note]
    assert outside.headers[0]["Authorization"] == "Bearer of-the-witness"
    _tell(gateway, Witness(name="trust", url=outside.url, token_file=token))
    assert len(outside.taken) == 1, "what it has is not sent again"


@pytest.mark.parametrize("kept", ["a later one", "another of that size"])
def test_a30_a_folder_that_knows_better_is_given_nothing_and_somebody_is_called(
    gateway, folder, tmp_path, monkeypatch, kept
):
    said = FakeLog()
    monkeypatch.setattr(tell_witnesses_module, "_log", said)
    witness = Witness(name="board", folder=folder)
    made = _tell(gateway, Witness(name="another", folder=tmp_path))
    size = made.size + 1 if kept == "a later one" else made.size
    file = folder / f"checkpoint-{size:012}.txt"
    file.write_text(made.note.replace(f"\n{made.size}\n", f"\n{size}\n").replace("=\n", "A\n", 1))
    before = file.read_text()
    _tell(gateway, witness)
    assert said.lines == [("log-forked", {"witness": "board", "size": made.size})]
    assert [one.read_text() for one in folder.iterdir()] == [before]


@pytest.mark.parametrize("answer", [500, 302])
def test_what_a_witness_did_not_take_is_given_again_later(gateway, outside, answer):
    witness = Witness(name="trust", url=outside.url)
    outside.answers = answer
    _tell(gateway, witness)
    outside.answers = 200
    _tell(gateway, witness)
    assert outside.taken == [], "not at once"
    gateway.at += timedelta(seconds=31)
    made = _tell(gateway, witness)
    assert outside.taken == [made.note]


def test_one_that_fails_keeps_no_other_from_its_checkpoint(gateway, folder):
    lost = Witness(name="lost", folder=folder / "not-there")
    _tell(gateway, lost, Witness(name="board", folder=folder))
    assert len(list(folder.iterdir())) == 1


def test_the_status_says_which_witness_lags(start, folder):
    names = [{"name": "board", "folder": str(folder)}, {"name": "lost", "folder": "/no/such"}]
    gateway = start(witnesses=names)
    gateway.get("Goal")
    board, lost = gateway.settings.witnesses
    made = _tell(gateway, board, lost)

    def said():
        return gateway.get("/status").json()["witnesses"]

    assert said() == [
        {"name": "board", "size": made.size, "behind": 0, "lags": False},
        {"name": "lost", "size": 0, "behind": made.size, "lags": False},
    ]
    gateway.at += timedelta(minutes=6)
    gateway.get("Goal")
    assert [one["lags"] for one in said()] == [False, True], "one entry, a moment old"
    gateway.at += timedelta(minutes=6)
    assert [one["lags"] for one in said()] == [True, True], "nobody made a checkpoint"


def test_a_failure_after_a_quiet_time_is_not_a_lag_and_minutes_of_failures_are(
    gateway, outside, monkeypatch
):
    log = FakeLog()
    monkeypatch.setattr(tell_witnesses_module, "_log", log)
    witness = Witness(name="trust", url=outside.url)
    gateway.get("Goal")
    _tell(gateway, witness)
    gateway.at += timedelta(hours=3)
    gateway.get("Goal")
    outside.answers = 500
    _tell(gateway, witness)
    assert log.lines == []
    gateway.at += timedelta(minutes=6)
    _tell(gateway, witness)
    assert [(event, more["failures"]) for event, more in log.lines] == [("witness-lags", 2)]


@pytest.mark.parametrize("wrong", ["token", "address"])
def test_a_witness_that_is_set_up_wrongly_keeps_no_other_from_its_checkpoint(
    gateway, outside, folder, tmp_path, wrong
):
    token = tmp_path / "token"
    token.write_bytes(b"\xff\xfe")
    lost = {
        "token": Witness(name="lost", url=outside.url, token_file=token),
        "address": Witness(name="lost", url="http://[:"),
    }[wrong]
    _tell(gateway, lost, Witness(name="board", folder=folder))
    assert len(list(folder.iterdir())) == 1


def test_a_log_that_no_longer_holds_what_was_signed_gives_witnesses_nothing_new(
    gateway, folder, monkeypatch
):
    log = FakeLog()
    monkeypatch.setattr(publish_log, "_log", log)
    witness = Witness(name="board", folder=folder)
    _tell(gateway, witness)

    async def another(_conn, _size):
        return b"of another log"

    monkeypatch.setattr("gateway.store.audit.published.root_at", another)
    gateway.get("Goal")
    gateway.at += timedelta(minutes=1)
    _tell(gateway, witness)
    assert log.events == ["log-forked"]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    "given",
    [
        [{"name": "x"}],
        [{"name": "x", "url": "http://a", "folder": "/b"}],
        [{"name": "x", "folder": "/b", "token_file": "/t"}],
        [{"name": "X y", "folder": "/b"}],
    ],
)
def test_a_witness_is_given_to_in_one_way(given, monkeypatch):
    monkeypatch.setenv("GATEWAY_WITNESSES", json.dumps(given))
    with pytest.raises(ConfigurationError, match="WITNESSES"):
        Settings()


def _by_mail(mailbox, **more):
    return Witness(
        name="lead", mail_to="lead@trust.example", mail_from="gateway@trust.example",
        mail_server=mailbox.url, **more,
    )  # fmt: skip


def test_a_mail_holds_the_signed_text_and_names_nobody(gateway, world, mailbox):
    gateway.get(f"Patient/{world.norma}", world.gp)
    made = _tell(gateway, _by_mail(mailbox))
    (mail,) = mailbox.taken
    assert mail["To"] == "lead@trust.example"
    assert mail["Subject"] == f"Checkpoint {made.size} of {origin(gateway.settings.base_url)}"
    (note,) = mail.iter_attachments()
    assert note.get_filename() == f"checkpoint-{made.size:012}.txt"
    text = note.get_content()
    assert _verified(gateway, text).size == made.size
    assert world.norma not in mail.as_string()


def test_a_mail_goes_once_an_hour_and_a_refused_one_again(gateway, mailbox):
    witness = _by_mail(mailbox)
    mailbox.answer = "451 not now"
    gateway.get("Goal")
    _tell(gateway, witness)
    assert mailbox.taken == []
    mailbox.answer = "250 taken"
    gateway.at += timedelta(seconds=31)
    _tell(gateway, witness)
    assert len(mailbox.taken) == 1
    for minutes, number in ((2, 1), (57, 1), (1, 2)):
        gateway.get("Goal")
        gateway.at += timedelta(minutes=minutes)
        _tell(gateway, witness)
        assert len(mailbox.taken) == number


def test_no_mail_goes_unencrypted_to_another_machine(gateway, mailbox, monkeypatch):
    monkeypatch.setattr(mail_checkpoint, "_LOOPBACK", frozenset())
    gateway.get("Goal")
    _tell(gateway, _by_mail(mailbox))
    assert mailbox.taken == []


@pytest.mark.parametrize(
    "given",
    [
        {"mail_to": "a@b.example"},
        {
            "mail_to": "a@b.example, c@d.example",
            "mail_from": "x@y.example",
            "mail_server": "smtp://m",
        },
        {"mail_to": "a@b.example", "mail_from": "x@y.example", "mail_server": "https://m"},
        {
            "folder": "kept",
            "mail_to": "a@b.example",
            "mail_from": "x@y.z",
            "mail_server": "smtp://m",
        },
        {"url": "https://w.example", "mail_user": "u"},
        {"folder": "kept", "token_file": "token"},
    ],
    ids=str,
)
def test_a_witness_is_given_it_in_one_way(given):
    with pytest.raises(ValueError, match="Witness"):
        Witness(name="a", **given)
