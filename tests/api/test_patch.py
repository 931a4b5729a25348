"""JSON Patch, row by row."""

import pytest

from tests.api.service import is_outcome
from tests.api.writing import PATCH, PLANS, on_shelf, patch, plan

ON_HOLD = {"op": "replace", "path": "/status", "value": "on-hold"}


@pytest.fixture
def shared_plan(gateway, world):
    sent = plan(world.norma, meta=on_shelf("support-plan"))
    sent["identifier"] = [{"system": PLANS, "value": "p-1"}]
    return gateway.create(sent, world.gp).json()


def _unchanged(gateway, world, stored) -> bool:
    return gateway.get(f"CarePlan/{stored['id']}", world.gp).json() == stored


def test_patch_01_replaces_in_a_new_version(gateway, world, shared_plan):
    path = f"CarePlan/{shared_plan['id']}"
    answer = patch(gateway, path, world.social_worker, ON_HOLD)
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    assert answer.json()["status"] == "on-hold"
    more = (
        {"op": "test", "path": "/title", "value": "Together"},
        {"op": "add", "path": "/category", "value": [{"text": "plan"}]},
        {"op": "copy", "from": "/category/0", "path": "/category/-"},
        {"op": "replace", "path": "/category/1/text", "value": "second"},
        {"op": "move", "from": "/category/1", "path": "/category/0"},
        {"op": "remove", "path": "/title"},
    )
    body = patch(gateway, path, world.social_worker, *more, version=2).json()
    assert body["category"] == [{"text": "second"}, {"text": "plan"}]
    assert "title" not in body
    minimal = patch(gateway, path, world.gp, ON_HOLD, version=3, Prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (200, b"")


def test_patch_05_a_test_of_the_version_names_it(gateway, world, shared_plan):
    """As clients send it whose patches have no headers."""
    path = f"CarePlan/{shared_plan['id']}"
    tested = {"op": "test", "path": "/meta/versionId", "value": "1"}
    done = patch(gateway, path, world.social_worker, tested, ON_HOLD, version=None)
    assert (done.status_code, done.headers["etag"]) == (200, 'W/"2"')
    stale = patch(gateway, path, world.gp, tested, ON_HOLD, version=None)
    assert is_outcome(stale, 412, "conflict")
    for unnamed in ([], [tested | {"value": 2}], [tested | {"path": "/meta"}]):
        answer = patch(gateway, path, world.gp, *unnamed, ON_HOLD, version=None)
        assert is_outcome(answer, 400, "required")
    assert is_outcome(patch(gateway, path, world.gp, tested, ON_HOLD, version=2), 422)


REFUSED = [
    ([{"op": "test", "path": "/status", "value": "draft"}, ON_HOLD], 422, "processing"),
    ([ON_HOLD, {"op": "remove", "path": "/none"}], 422, "processing"),
    ([{"op": "remove", "path": "/status"}], 422, "required"),
    ([{"op": "replace", "path": "/status", "value": "bogus"}], 422, "code-invalid"),
    ([{"op": "replace", "path": "/id", "value": "other"}], 422, "invalid"),
    ([{"op": "replace", "path": "/meta/versionId", "value": "9"}], 422, "invalid"),
    ([{"op": "replace", "path": "/resourceType", "value": "Goal"}], 422, "invalid"),
    ([{"op": "replace", "path": "", "value": 7}], 422, "invalid"),
    ([{"op": "replace", "path": "/meta", "value": 7}], 422, "invalid"),
    ([{"op": "add", "path": "/meta/tag", "value": [{"code": "SUBSETTED"}]}], 422, "invalid"),
    ([{"op": "replace", "path": "/subject/reference", "value": "Patient/x"}], 422, "business-rule"),
    ([{"op": "spin", "path": "/status"}], 400, "structure"),
    ([{"op": "add", "path": "status", "value": 1}], 400, "structure"),
    ([7], 400, "structure"),
]


@pytest.mark.parametrize(("listed", "status", "code"), REFUSED)
def test_patch_02_03_04_08_all_of_it_or_nothing(gateway, world, shared_plan, listed, status, code):
    answer = patch(gateway, f"CarePlan/{shared_plan['id']}", world.gp, *listed)
    assert is_outcome(answer, status, code)
    assert _unchanged(gateway, world, shared_plan)


@pytest.mark.parametrize("body", [b"", b"{}", b'"x"', b"[", b"[[]]"])
def test_patch_08_what_is_no_list_of_operations(gateway, world, shared_plan, body):
    headers = {"Content-Type": PATCH, "If-Match": 'W/"1"'}
    path = f"CarePlan/{shared_plan['id']}"
    assert is_outcome(gateway.ask("PATCH", path, world.gp, content=body, headers=headers), 400)


def test_patch_05_06_07_stale_missing_and_of_another_kind(gateway, world, shared_plan):
    path = f"CarePlan/{shared_plan['id']}"
    assert is_outcome(patch(gateway, path, world.gp, ON_HOLD, version=7), 412, "conflict")
    assert is_outcome(patch(gateway, path, world.gp, ON_HOLD, version=None), 400, "required")
    assert is_outcome(patch(gateway, "CarePlan/no-such-id", world.gp, ON_HOLD), 404)
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": 'W/"1"'}
    answer = gateway.ask("PATCH", path, world.gp, content=b"{}", headers=headers)
    assert is_outcome(answer, 415, "not-supported")
    assert answer.headers["accept-patch"] == PATCH
    assert gateway.get("metadata").json()["patchFormat"] == [PATCH]
    assert _unchanged(gateway, world, shared_plan)
    assert gateway.ask("DELETE", path, world.gp).status_code == 204
    assert is_outcome(patch(gateway, path, world.gp, ON_HOLD), 410, "deleted")


def test_patch_09_by_identifier(gateway, world, shared_plan):
    def ask(value):
        path = f"CarePlan?identifier={PLANS}|{value}"
        return patch(gateway, path, world.gp, ON_HOLD, version=None)

    assert is_outcome(ask("none"), 404)
    assert ask("p-1").json()["status"] == "on-hold"
    again = {k: v for k, v in shared_plan.items() if k != "id"}
    assert gateway.create(again, world.gp).status_code == 201
    assert is_outcome(ask("p-1"), 412, "multiple-matches")
