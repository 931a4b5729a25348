"""The CapabilityStatement walked: each parameter that is declared finds what has its value, each
way to ask finds the same, and what is not declared is refused as what it is.

Each type is walked with what the server itself shows; `make soak` walks all of each.
"""

import csv
from collections import defaultdict

import pytest

from gateway.api.fhir.metadata import claims
from mappings.core.r4.codes import RESOURCE_TYPES
from tests.api.service import is_outcome, references
from tests.api.walking import Walk
from tests.sampling import part

DECLARED = {one["type"]: one for one in claims()}
ASKED_TYPES = ("CarePlan", "Goal", "Observation", "Patient", "Provenance", "Task")
UNSERVED = ("_tag", "_profile", "_security", "_text", "_content", "_list", "_filter", "_query")


@pytest.fixture
def gateway(shared):
    return shared


@pytest.fixture(scope="module")
def table(shared_folder):
    """Type -> R4's parameter -> its FHIRPath."""
    paths: defaultdict[str, dict[str, str]] = defaultdict(dict)
    with (shared_folder / "search-params-r4.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            paths[row["type"]][row["code"]] = row["expression"]
    return paths


@pytest.fixture
def whole(request):
    return request.config.getoption("--soak")


def walk_of(gateway, world, table, name) -> Walk:
    who = world.lead if name == "AuditEvent" else world.gp

    def ask(method, path, **more):
        return gateway.ask(method, path, who, **more)

    return Walk(ask, DECLARED[name], table[name])


@pytest.mark.parametrize("name", DECLARED)
def test_cap_03_a_declared_parameter_finds_what_has_its_value(gateway, world, table, whole, name):
    walk = walk_of(gateway, world, table, name)
    asked = list(walk.values())
    assert bool(asked) == bool(walk.held), "who sees some of a type sees values to ask for"
    for parameter, value, resource_id in part(asked, 4, whole=whole):
        narrowed = {"_id": resource_id} if "_id" in walk.parameters else {}
        found = walk.found(**{"_count": "500", **narrowed, parameter: value})
        assert found is not None, (parameter, value)
        assert resource_id in {one["id"] for one in found}, (parameter, value)


@pytest.mark.parametrize("name", DECLARED)
def test_cap_02_every_way_to_ask_finds_the_same(gateway, world, table, name):
    walk = walk_of(gateway, world, table, name)
    asked = {"_id": walk.held[0]["id"]} if walk.held and "_id" in walk.parameters else {}
    asked |= {"_count": "2"}
    asked |= {"date": "lt2000"} if name == "AuditEvent" else {}  # each look is one entry more
    plain = walk.ask("GET", name, params=asked)
    for answer in (
        walk.ask("GET", f"{name}/_search", params=asked),
        walk.ask("POST", f"{name}/_search", data=asked),
        walk.ask("POST", f"{name}/_search", params=asked),
    ):
        assert (answer.status_code, references(answer.json())) == (200, references(plain.json()))
    if asked.keys() == {"_id", "_count"}:
        assert references(plain.json()) == [f"{name}/{asked['_id']}"]


def _of_each_kind(walk):
    """The first; of Provenance also the first that a source sent, which names no version."""
    if walk.type != "Provenance":
        return walk.held[:1]
    made = {"_history" in str(one["target"]): one for one in walk.found(_count="500")}
    assert set(made) == {True, False}
    return made.values()


@pytest.mark.parametrize("name", DECLARED)
def test_cap_02_what_is_declared_of_one_resource_is_done_with_one(gateway, world, table, name):
    walk = walk_of(gateway, world, table, name)
    for one in _of_each_kind(walk):
        path = f"{name}/{one['id']}"
        read = walk.ask("GET", path)
        assert read.json() == one
        assert walk.ask("HEAD", path).headers["content-length"] == str(len(read.content))
        held = {"If-None-Match": read.headers.get("etag", 'W/"1"')}
        again = walk.ask("GET", path, headers=held)
        kept = DECLARED[name]["conditionalRead"] == "full-support"
        assert again.status_code == (304 if kept else 200)
        version = walk.ask("GET", f"{path}/_history/{one.get('meta', {}).get('versionId', '1')}")
        assert (version.status_code == 200) == ("vread" in walk.codes), version.text
        history = walk.ask("GET", f"{path}/_history")
        assert (history.status_code == 200) == ("history-instance" in walk.codes), history.text


@pytest.mark.parametrize("name", DECLARED)
def test_cap_03_a_parameter_that_is_not_declared_is_refused(gateway, world, table, whole, name):
    walk = walk_of(gateway, world, table, name)
    missing = [one for one in (*table[name], *UNSERVED) if one not in walk.parameters]
    for parameter in part(missing, 3, whole=whole):
        answer = walk.ask("GET", f"{name}?{parameter}=x")
        assert is_outcome(answer, 400), parameter


@pytest.mark.parametrize("name", ASKED_TYPES)
def test_history_06_a_history_of_a_type_is_declared_not_done(gateway, world, name):
    answer = gateway.get(f"{name}/_history", world.gp)
    assert is_outcome(answer, 405, "not-supported")
    assert "_lastUpdated" in answer.json()["issue"][0]["diagnostics"]
    assert answer.headers["allow"] == ""
    assert "history-type" not in {one["code"] for one in DECLARED[name]["interaction"]}


def test_history_07_nor_is_one_of_everything(gateway, world):
    for path in ("_history", "_history?_since=2026-01-01"):
        assert is_outcome(gateway.get(path, world.gp), 405, "not-supported")
    rest = gateway.get("metadata").json()["rest"][0]
    assert "A history is of one resource" in rest["documentation"]
    assert is_outcome(gateway.get("Measure/_history", world.gp), 404)


def test_search_02_result_14_compartments_and_several_types_are_asked_by_form(gateway, world):
    of_norma = f"Patient/{world.norma}/Goal"
    goals = references(gateway.get(of_norma, world.gp).json())
    assert goals
    assert references(gateway.search(of_norma, world.gp).json()) == goals
    asked = {"_type": "Goal", "patient": world.norma}
    over = gateway.ask("POST", "/fhir/R4/_search", world.gp, data=asked)
    assert references(over.json()) == goals
    assert is_outcome(gateway.search(f"Patient/{world.norma}/$nosuch", world.gp), 404)


def test_read_05_create_10_a_type_that_is_not_declared_is_no_address(gateway, world):
    for name in sorted(RESOURCE_TYPES - DECLARED.keys() - {"Bundle"}):
        for method, path in (("GET", name), ("GET", f"{name}/x"), ("POST", name)):
            assert is_outcome(gateway.ask(method, path, world.gp), 404), (method, path)
