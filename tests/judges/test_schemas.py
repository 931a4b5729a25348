"""Schemathesis asks all that the published description allows, and much that it does not, with the
token of each role of the policy.

Rule    No answer is a failure of the service, and each is of a media type that is described.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from consent.terms import CallerKind, Purpose
from gateway.main import policy_of
from gateway.settings import Settings
from tests.api.service import Service
from tests.api.world import COUNCIL, World
from tests.integration.served import Served
from tests.judges import apart

CHECKS = "not_a_server_error,content_type_conformance"
SAMPLED = r"^/(fhir/R4/(Patient|Goal|Consent)|log/|metrics|recalls)"
TURNS = Path(__file__).with_name("schemas") / "turns.py"
PERSONAL = (CallerKind.PATIENT, CallerKind.PROXY)
# No answer waits, and none is of haste: what is asked for is an answer of its own.
UNHURRIED = ("env", "GATEWAY_TICK_MS=0", "GATEWAY_RATES__UNPROVED=0", "GATEWAY_RATES__PEOPLE=0")


@pytest.fixture(scope="session")
def schemathesis(unavailable):
    try:
        return apart.python_of("schemas").with_name("schemathesis")
    except apart.JudgeUnavailableError as reason:
        unavailable("judges", str(reason))


@pytest.fixture
def database(filled_sqlite, tmp_path):
    shutil.copy(filled_sqlite, tmp_path / "world.db")
    return f"sqlite:///{tmp_path / 'world.db'}"


@pytest.fixture
def norma(database, key_file):
    """The person whose record the person, and who acts for them, ask for."""
    service = Service(database, key_file)
    found = World(service).norma
    service.close()
    return found


@pytest.fixture
def served(database, key_file, norma, tmp_path):
    gateway = str(Path(sys.executable).with_name("care-gateway"))
    made = Served(database, key_file, tmp_path, (*UNHURRIED, gateway, "serve"))
    yield made
    made.kill()


def _token(served, role, norma):
    """A token of that role, for a purpose of its own."""
    personal = role.kind in PERSONAL
    purpose = min(role.purposes, key=lambda one: (one != Purpose.TREATMENT, one))
    who = {"patient": norma} if personal else {"org": COUNCIL}
    header = served.token(role.id, user=f"u-{role.id}", purpose=Purpose(purpose), **who)
    return header["Authorization"].removeprefix("Bearer ")


def _run(schemathesis, served, callers, folder, *more):
    """Each request with the token of the next of the callers; how each role was answered."""
    tokens, answered = folder / "callers", folder / "answered"
    tokens.write_text("\n".join(f"{role} {token}" for role, token in callers.items()))
    answered.write_text("")
    told = {
        "SCHEMATHESIS_HOOKS": str(TURNS),
        "SCHEMATHESIS_CALLERS": str(tokens),
        "SCHEMATHESIS_ANSWERED": str(answered),
    }
    command = [
        str(schemathesis), "run", f"{served.base_url}/openapi.json",
        "--checks", CHECKS, "--generation-deterministic", *more,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, env=os.environ | told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (list(callers), done.stdout.partition("= FAILURES =")[2][:4000])
    (generated, passed) = re.findall(r"(\d+) generated, (\d+) passed", done.stdout)[0]
    assert int(generated) == int(passed) > 50
    return Counter(tuple(line.split()) for line in answered.read_text().splitlines())


def test_no_case_makes_the_service_fail_whoever_asks(
    schemathesis, served, norma, key_file, tmp_path, whole
):
    """Each role in turn over a part of the service; in full, each alone over all of it, and then
    in turn over the edges of every parameter."""
    roles = policy_of(Settings(key_file=key_file)).roles.values()

    def run(some, *more):
        callers = {role.id: _token(served, role, norma) for role in some}
        return _run(schemathesis, served, callers, tmp_path, *more)

    if whole:
        answered = run(roles, "--phases", "coverage,fuzzing", "--max-examples", "20")
        for role in roles:
            answered += run([role], "--phases", "fuzzing", "--max-examples", "3")
    else:
        some = ("--max-examples", "2", "--include-path-regex", SAMPLED)
        answered = run(roles, "--phases", "fuzzing", *some)
    assert {role for role, status in answered if status != "401"} == {role.id for role in roles}
    assert {status for _, status in answered} >= {"200", "400", "403", "404"}
