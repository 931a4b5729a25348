"""Schemathesis asks all that the published description allows, and much that it does not.

Rule    No answer is a failure of the service, and each is of a media type that is described.
"""

import re
import shutil
import subprocess

import pytest

from tests.api.world import PRACTICE
from tests.integration.served import Served
from tests.judges import apart

CHECKS = "not_a_server_error,content_type_conformance"
SAMPLED = r"^/fhir/R4/(Patient|Goal|Consent)"


@pytest.fixture(scope="session")
def schemathesis(unavailable):
    try:
        return apart.python_of("schemas").with_name("schemathesis")
    except apart.JudgeUnavailableError as reason:
        unavailable("judges", str(reason))


@pytest.fixture
def served(filled_sqlite, key_file, tmp_path):
    shutil.copy(filled_sqlite, tmp_path / "world.db")
    made = Served(f"sqlite:///{tmp_path / 'world.db'}", key_file, tmp_path)
    yield made
    made.kill()


def test_no_case_makes_the_service_fail(schemathesis, served, tmp_path, whole):
    who = served.token("gp", user="gp-1", org=PRACTICE)["Authorization"]
    command = [
        str(schemathesis), "run", f"{served.base_url}/openapi.json",
        "--header", f"Authorization: {who}", "--checks", CHECKS, "--generation-deterministic",
        "--phases", "coverage,fuzzing" if whole else "fuzzing",
        "--max-examples", "20" if whole else "3",
        *([] if whole else ["--include-path-regex", SAMPLED]),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    (generated, passed) = re.findall(r"(\d+) generated, (\d+) passed", done.stdout)[0]
    assert int(generated) == int(passed) > 50
