"""The image and the compose file keep the rules of deploy/README.md; no engine is needed."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.architecture.repository import ROOT

TEXT: Final = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: Final[dict[str, Any]] = yaml.safe_load(TEXT)
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text(encoding="utf-8")
EXAMPLE: Final = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)

each_service = pytest.mark.parametrize("name", SERVICES)


def _schema_check(path: Path) -> int:
    program = Path(sys.executable).parent / "check-jsonschema"
    command = [str(program), "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode


def test_the_compose_file_is_valid():
    assert _schema_check(ROOT / "docker-compose.yml") == 0


def test_the_check_notices_a_misspelt_key(tmp_path):
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(TEXT.replace("healthcheck:", "healthchek:", 1))
    assert _schema_check(wrong) == 1


def test_the_services_are_those_of_the_design():
    assert set(SERVICES) == {"db", "migrate", "gateway", "worker"}


@each_service
def test_a_service_can_write_nowhere_and_gain_nothing(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    assert not service.get("cap_add")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"]), "not root"


@each_service
def test_a_service_is_watched_or_runs_once(name):
    service = SERVICES[name]
    once = service.get("restart") == "no"
    assert once != ("healthcheck" in service)
    if "healthcheck" in service:
        words = " ".join(service["healthcheck"]["test"])
        assert "curl" not in words
        assert "wget" not in words


@each_service
def test_a_service_is_published_to_this_machine_only(name):
    for port in SERVICES[name].get("ports", ()):
        assert str(port).startswith("127.0.0.1:"), port


def test_only_the_gateway_is_reached_from_outside():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"gateway"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["db"]["networks"] == ["inside"]


@each_service
def test_an_image_is_pinned(name):
    image = re.sub(r"\$\{(\w+)\}", lambda m: EXAMPLE[m[1]], SERVICES[name]["image"])
    assert re.search(r":\d+\.\d+", image), image


def test_the_service_waits_for_the_database_and_its_migrations():
    for name in ("gateway", "worker"):
        after = SERVICES[name]["depends_on"]
        assert after["db"]["condition"] == "service_healthy"
        assert after["migrate"]["condition"] == "service_completed_successfully"


@each_service
def test_no_secret_stands_in_the_environment(name):
    for key, value in (SERVICES[name].get("environment") or {}).items():
        secret = re.search(r"PASSWORD|SECRET|TOKEN|_KEY|DATABASE_URL", key)
        assert not secret or str(value).startswith("/run/secrets/"), key


def test_every_secret_is_a_file_that_is_not_kept_here():
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "/secrets/" in ignored
    assert ".env" in ignored


def test_every_variable_is_in_the_example_and_the_other_way_round():
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == set(EXAMPLE)
    assert re.findall(r"\$(?![{$])\w+", TEXT) == [], "write ${NAME}"


def test_every_setting_named_here_exists():
    from gateway.settings import Settings

    known = {f"GATEWAY_{name}".upper() for name in Settings.model_fields}
    named = set(re.findall(r"^\s+(GATEWAY_\w+):", TEXT, re.MULTILINE))
    named |= {name.upper() for name in COMPOSE["secrets"] if name.startswith("gateway_")}
    named -= {"GATEWAY_KEYS"}  # the file that GATEWAY_KEY_FILE names
    assert named <= known, named - known


def test_the_image_does_not_run_as_root():
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last, re.MULTILINE)
    assert SERVICES["gateway"]["user"] in last


def test_the_image_installs_only_what_is_locked():
    for command in re.findall(r"pip (?:install|wheel) [^\n\\]*", DOCKERFILE):
        assert "--require-hashes" in command or "--no-deps" in command, command


def test_the_build_sees_every_file_that_it_copies_and_no_other():
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignore if line and not line.startswith("#")]
    seen = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    assert rules[0] == "*"
    assert {word for line in copied for word in line.split()} == seen
    assert all((ROOT / name).exists() for name in seen)
