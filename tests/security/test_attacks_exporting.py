"""Attacks on bulk exports: the way out that gives most, and gives it to a machine."""

import json
from datetime import timedelta
from typing import Any

import pytest

from consent.terms import Caller, CallerKind, Purpose
from gateway.audit.events import Event, Outcome
from gateway.auth.clients import ROLE, read_clients
from gateway.errors import (
    ConfigurationError,
)
from gateway.flows.export import export_files, export_jobs, export_people
from gateway.flows.export.export_entitled import check_exports_as, entitled
from gateway.flows.site.site import Asking
from gateway.main import policy_of
from gateway.settings import Settings
from tests.api.consents import against, dissent
from tests.api.exports import (
    ASYNC,
    EVERYONE,
    begun,
    exported,
    kick_off,
    kick_off_for,
    lines,
    listed,
    named,
    system,
    write_clients,
)
from tests.api.messages import goal, support_plan
from tests.api.opened import break_glass, self_claim
from tests.api.rows import goal_row, mark, put
from tests.api.service import is_outcome
from tests.api.world import ALICE, COUNCIL, HOSPITAL, World, council_person
from tests.security.canary import CANARY as OF_THE_TRUST
from tests.security.canary import push_canary
from tests.security.test_attacks_localities import without_the_feed

CANARY = "canary-51d0"


@pytest.fixture(scope="module")
def clients_file(tmp_path_factory):
    return write_clients(tmp_path_factory.mktemp("clients"))


@pytest.fixture
def gateway(start, clients_file):
    return start(clients_file=clients_file)


@pytest.fixture(scope="module")
def refusing(start_once, clients_file):
    """For all that is refused, and so leaves nothing but entries."""
    return start_once(clients_file=clients_file)


@pytest.fixture
def mdt(gateway):
    return system(gateway)


def jobs(service) -> list:
    async def read():
        async with service.site.store.engine.reading() as conn:
            return await conn.fetch("SELECT * FROM export_job")

    return service.run(read())


def all_bytes(service, who, **parameters: str) -> list[bytes]:
    """What is handed out from kick-off to the last file, its id left out."""
    answer = kick_off(service, who, **parameters)
    job = begun(answer)
    told = listed(service, who, job)
    urls = [one["url"] for one in (*told["output"], *told.get("deleted", ()))]
    handed = [answer.content, json.dumps(told).encode()]
    handed += [service.get(url, who).content for url in urls]
    return [one.replace(job.rpartition("/")[2].encode(), b"the-job") for one in handed]


SECONDARY = ("HRESCH", "HOPERAT", "HMARKT", "HPAYMT", "PUBHLTH", "HDM", "CLINTRCH", "DSRCH")
CALLERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a member of staff": ("gp", {}, "kind"),
    "the person": ("patient", {"org": "", "patient": "a-person"}, "kind"),
    "a governance lead": ("governance-lead", {"purpose": Purpose.COMPLIANCE}, "kind"),
    "a system of another issuer": ("gp", {"kind": CallerKind.SYSTEM}, "registration"),
    "a system that only sends": (ROLE, {"user": "sending-system"}, "registration"),
    "one that uses a name registered elsewhere": (ROLE, {"user": "mdt-system"}, "registration"),
    "a system that keeps records": (ROLE, {"purpose": Purpose.RECORD_MANAGEMENT}, "purpose"),
    **{
        f"a system for {code}": (
            "researcher",
            {"kind": CallerKind.SYSTEM, "purpose": Purpose(code)},
            "secondary-purpose",
        )
        for code in SECONDARY
    },
}


@pytest.mark.parametrize("path", [EVERYONE, f"Group/caseload-{COUNCIL}/$export"])
@pytest.mark.parametrize("caller", CALLERS)
def test_a14_a32_whoever_is_not_entitled_is_refused_and_told_why(refusing, caller, path):
    role, more, reason = CALLERS[caller]
    given = {"user": "mdt", "org": COUNCIL} | more
    who = refusing.token(role, **given)
    size = refusing.size()
    answer = kick_off(refusing, who, path)
    assert is_outcome(answer, 403, "forbidden")
    assert "content-location" not in answer.headers
    assert len(answer.json()["issue"][0]["diagnostics"]) > 30
    (entry,) = refusing.entries(size)
    assert (entry.event, entry.outcome) == (Event.EXPORT, Outcome.REFUSED)
    assert entry.reasons == (f"export-{reason}",)
    assert jobs(refusing) == []


def test_secondary_use_is_refused_with_its_own_reason(refusing):
    who = refusing.token(
        "researcher", "r", "RES1", kind=CallerKind.SYSTEM, purpose=Purpose.RESEARCH
    )
    said = kick_off(refusing, who).json()["issue"][0]["diagnostics"]
    assert "direct care" in said
    assert "research" in said


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_is_no_export_of_everything(refusing, method):
    answer = refusing.ask(method, "/fhir/R4/$export", system(refusing), headers=ASYNC)
    assert is_outcome(answer, 403, "forbidden")
    assert "Group" in answer.json()["issue"][0]["diagnostics"]
    assert is_outcome(refusing.ask(method, "/fhir/R4/$export", headers=ASYNC), 401)


@pytest.mark.parametrize("scope", ["system/Goal.r", "system/Goal.s"])
def test_a_scope_that_does_not_read_and_search_exports_nothing(refusing, scope):
    who, size = system(refusing, scope=scope), refusing.size()
    assert is_outcome(kick_off(refusing, who), 403)
    (entry,) = refusing.entries(size)
    assert entry.reasons == ("export-scope",)


def test_scopes_narrow_a_kick_off_and_each_fetch(gateway, world):
    narrow = system(gateway, "narrow-system")
    assert exported(gateway, narrow).keys() == {"Patient", "Goal"}
    assert is_outcome(kick_off(gateway, narrow, _type="Goal,Condition"), 403, "forbidden")
    job = begun(kick_off(gateway, narrow))
    told = listed(gateway, narrow, job)
    url = {one["type"]: one["url"] for one in told["output"]}["Goal"]
    narrower = system(gateway, "narrow-system", "system/Patient.rs")
    assert is_outcome(gateway.get(url, narrower), 403, "forbidden")
    assert lines(gateway.get(url, narrow))


@pytest.mark.parametrize(
    "role", ["provider", "receptionist", "personal-assistant", "patient", "governance-lead", "no"]
)
def test_a_system_is_registered_as_a_role_of_direct_care_or_not_at_all(clients_file, role):
    policy = policy_of(Settings())
    registered, _ = read_clients(clients_file)["mdt-system"]
    check_exports_as(registered, policy)
    with pytest.raises(ConfigurationError, match="exports_as"):
        check_exports_as(registered.model_copy(update={"exports_as": role}), policy)


@pytest.mark.parametrize("other", ["other-system", "practice-system", "hospital-system"])
def test_a_job_of_another_system_is_found_by_nobody_else(gateway, world, mdt, other):
    job = begun(kick_off(gateway, mdt))
    files = [one["url"] for one in listed(gateway, mdt, job)["output"]]
    thief = system(gateway, other)
    never = f"{gateway.settings.base_url}/exports/{'0' * 32}"
    for method, theirs, nobodys in (
        ("GET", job, never),
        ("DELETE", job, never),
        *(("GET", url, url.replace(job, never)) for url in files),
    ):
        answers = [gateway.ask(method, address, thief) for address in (theirs, nobodys)]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        own = ("x-request-id", "traceparent")
        headers = [{k: v for k, v in a.headers.items() if k not in own} for a in answers]
        assert headers[0] == headers[1]
    assert listed(gateway, mdt, job)["output"], "it stands, for whom it is"


def test_without_a_token_or_with_one_of_staff_nothing_is_fetched(gateway, world, mdt):
    job = begun(kick_off(gateway, mdt))
    url = listed(gateway, mdt, job)["output"][0]["url"]
    for address in (job, url):
        assert is_outcome(gateway.get(address), 401)
        assert is_outcome(gateway.get(address, world.social_worker), 403)
    assert is_outcome(gateway.ask("DELETE", job, world.social_worker), 403)
    for guess in ("..", "Goal", "Goal.json", "AuditEvent.ndjson", "deleted.ndjson", "%2e%2e"):
        assert is_outcome(gateway.get(f"{job}/{guess}", mdt), 404)


def test_a_group_of_another_organisation_is_no_group(gateway, world, mdt):
    theirs, nobodys = (
        kick_off(gateway, mdt, f"Group/{name}/$export")
        for name in (f"caseload-{HOSPITAL}", "caseload-NOBODY")
    )
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    assert jobs(gateway) == []


def patients(service, who, url: str) -> set[str]:
    return {one["id"] for one in lines(service.get(url, who))}


def of_type(told: dict, kind: str) -> str:
    return {one["type"]: one["url"] for one in told["output"]}[kind]


def end_ties(service, org: str, person: str) -> None:
    async def unit(conn) -> None:
        sql = "UPDATE caseload SET ends = 1 WHERE org = $1 AND patient_id = $2"
        await conn.execute(sql, [org, person])

    service.write(unit)


def test_a_relationship_that_ended_after_the_kick_off_opens_nothing(gateway, world):
    who = system(gateway, "hospital-system")
    told = listed(gateway, who, begun(kick_off(gateway, who)))
    assert patients(gateway, who, of_type(told, "Patient")) == {world.alice}
    end_ties(gateway, HOSPITAL, world.alice)
    size = gateway.size()
    for one in told["output"]:
        assert gateway.get(one["url"], who).content == b""
    assert not any(entry.person_id for entry in gateway.entries(size))


def test_a25_consent_withdrawn_after_the_kick_off_holds(gateway, world, mdt):
    told = listed(gateway, mdt, begun(kick_off(gateway, mdt)))
    goals = of_type(told, "Goal")
    before = {one["id"] for one in lines(gateway.get(goals, mdt))}
    assert gateway.create(dissent(world.alice, **against(COUNCIL)), world.gp).status_code == 201
    after = {one["id"] for one in lines(gateway.get(goals, mdt))}
    seen = {one["id"] for one in world.of("Goal", world.alice, world.social_worker)}
    theirs = {one["id"] for one in world.of("Goal", world.alice, world.gp)}
    assert before & theirs
    assert after & theirs <= seen
    assert after < before


def test_a25_consent_withdrawn_while_a_file_leaves_holds_from_the_next_page(
    gateway, world, mdt, monkeypatch
):
    monkeypatch.setattr(export_files, "_PAGE", 1)
    job = begun(kick_off(gateway, mdt, _type="Goal"))
    listed(gateway, mdt, job)
    file = opened(gateway, job, "Goal")
    pages = file.pages()
    first = gateway.run(anext(pages))
    assert len(first) == 1
    for person in (world.norma, world.alice):
        said = dissent(person, **against(COUNCIL))
        assert gateway.create(said, world.gp).status_code == 201
    rest = gateway.run(gathered(pages))
    seen = {
        one["id"]
        for person in (world.norma, world.alice)
        for one in world.of("Goal", person, world.social_worker)
    }
    people = {world.norma, world.alice}
    assert {one.resource_id for one in rest if one.person_id in people} <= seen


async def who_exports(service):
    state = service.app.state
    client = state.sign_in.clients["mdt-system"][0]
    caller = Caller(
        client.id, CallerKind.SYSTEM, ROLE, client.org, client.purpose, client.id,
        frozenset(client.scopes), frozenset(), None, "", "",
    )  # fmt: skip
    return await entitled(service.site, Asking(caller, service.at, "r"), client)


def opened(service, job: str, name: str):
    """A file as the edge opens it."""

    async def work():
        who = await who_exports(service)
        job_id = job.rpartition("/")[2]
        return await export_files.open_file(service.site, who, job_id, name, lambda: service.at)

    return service.run(work())


async def gathered(pages) -> list:
    return [one async for page in pages for one in page]


def test_a_label_that_was_raised_after_the_kick_off_holds(gateway, world, mdt):
    row = goal_row("g-raised", world.alice, CANARY)
    put(gateway, world.alice, row, org="RQY")
    told = listed(gateway, mdt, begun(kick_off(gateway, mdt)))
    assert CANARY in gateway.get(of_type(told, "Goal"), mdt).text
    put(gateway, world.alice, row, org="RQY", version=2, conf="V", sens="PSY")
    assert CANARY not in gateway.get(of_type(told, "Goal"), mdt).text


def test_a_feed_switched_off_after_the_kick_off_is_in_no_file(gateway, world, mdt):
    push_canary(gateway)
    practice = system(gateway, "practice-system")
    told = listed(gateway, practice, begun(kick_off(gateway, practice)))
    goals = of_type(told, "Goal")
    assert OF_THE_TRUST in gateway.get(goals, practice).text
    without_the_feed(gateway)
    assert OF_THE_TRUST not in gateway.get(goals, practice).text


def test_a31_what_a_user_opened_for_themselves_opens_no_export(gateway, world):
    """Not even where the user goes by the very name that an export's looks have in the log."""
    plan = support_plan(council_person(ALICE), {"id": "SP-H"}, goals=[goal("G1", "sent by us")])
    gateway.push("social-care", HOSPITAL, plan)
    end_ties(gateway, HOSPITAL, world.alice)
    doctor = gateway.token("hospital-doctor", "export:hospital-system", HOSPITAL)
    narrow = system(gateway, "narrow-system")
    assert "sent by us" in str(exported(gateway, narrow))
    who = system(gateway, "hospital-system")
    own = named(exported(gateway, who))
    for way in (self_claim, break_glass):
        assert way(gateway, doctor, world.alice).status_code == 201
        assert len(world.of("Goal", world.alice, doctor)) > 1
        assert named(exported(gateway, who)) <= own


def test_naming_somebody_who_is_hidden_is_naming_nobody(gateway, world, mdt):
    """As for an id that never was, whatever is asked."""
    told = [
        listed(gateway, mdt, begun(kick_off_for(gateway, mdt, [name])))
        for name in (world.bob, "never-was")
    ]
    assert told[0] == told[1]


def test_of_a_record_holder_an_id_of_another_source_names_nobody(gateway, world, mdt):
    """Who is known to the council by its own record alone is not found by the practice's id."""
    end_ties(gateway, COUNCIL, world.alice)
    answer = kick_off_for(gateway, mdt, [world.alice])
    assert listed(gateway, mdt, begun(answer))["output"] == []
    own = {one["id"] for one in exported(gateway, mdt, _type="Patient")["Patient"]}
    assert world.alice not in own
    (mine,) = [
        one["id"]
        for one in exported(gateway, mdt, _type="Patient")["Patient"]
        if one["name"][0]["family"] == ALICE["family"]
    ]
    again = listed(gateway, mdt, begun(kick_off_for(gateway, mdt, [mine])))
    assert [one["type"] for one in again["output"] if one["type"] == "Patient"] == ["Patient"]


def test_once_the_tie_is_over_a_file_of_anothers_id_names_nobody_either(gateway, world, mdt):
    """What the council sent is its own to see still, and by its own id."""
    told = listed(gateway, mdt, begun(kick_off_for(gateway, mdt, [world.alice])))
    urls = [one["url"] for one in told["output"]]
    assert all(lines(gateway.get(url, mdt)) for url in urls)
    end_ties(gateway, COUNCIL, world.alice)
    assert [lines(gateway.get(url, mdt)) for url in urls] == [[] for _ in urls]


def test_very_restricted_people_are_in_no_file_and_restricted_ones_without_a_place(
    gateway, world, mdt
):
    alice, norma = world.alice, world.norma
    mark(gateway, alice, pds="V")
    mark(gateway, norma, pds="R")
    files = exported(gateway, mdt)
    assert alice not in json.dumps(files)
    (norma,) = [one for one in files["Patient"] if one["id"] == norma]
    assert not {"address", "telecom", "generalPractitioner"} & norma.keys()


def test_hidden_rows_change_no_byte_of_an_export(start, clients_file):
    """The same borough, once with more that is hidden: added, changed and withdrawn."""
    handed = []
    for name in ("plain", "more"):
        gateway = start(clients_file=clients_file)
        world = World(gateway)
        since = (gateway.at - timedelta(days=1)).isoformat().replace("+00:00", "Z")
        gateway.at += timedelta(minutes=10)
        if name == "more":
            hidden: dict[str, Any] = {"org": "RQY", "conf": "V", "sens": "PSY HIV"}
            for number in range(5):
                row = goal_row(f"hidden-{number}", world.alice, f"{CANARY} {number}")
                put(gateway, world.alice, row, **hidden)
                put(gateway, world.alice, row, version=2, deleted=number > 2, **hidden)
            put(gateway, world.bob, goal_row("bobs", world.bob, CANARY))
        mdt = system(gateway)
        late = (gateway.at - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
        handed.append(
            [
                all_bytes(gateway, mdt),
                all_bytes(gateway, mdt, _since=since),
                all_bytes(gateway, mdt, _since=late),
            ]
        )
    assert handed[0] == handed[1]
    assert CANARY.encode() not in b"".join(one for several in handed[1] for one in several)


def test_what_was_withdrawn_is_told_to_nobody_who_could_not_see_it(gateway, world, mdt):
    """Hidden when it stood, or hidden since: neither is told of."""
    row = goal_row("g-hidden", world.alice, CANARY)
    put(gateway, world.alice, row, org="RQY", conf="V", sens="PSY")
    put(gateway, world.alice, row, org="RQY", version=2, deleted=True)
    row = goal_row("g-since", world.alice, CANARY)
    put(gateway, world.alice, row, org="RQY")
    put(gateway, world.alice, row, org="RQY", version=2, deleted=True, conf="V", sens="PSY")
    row = goal_row("g-shown", world.alice, CANARY)
    put(gateway, world.alice, row, org="RQY")
    put(gateway, world.alice, row, org="RQY", version=2, deleted=True)
    told = listed(gateway, mdt, begun(kick_off(gateway, mdt, _since="2026-11-20T00:00:00Z")))
    said = gateway.get(told["deleted"][0]["url"], mdt).text
    assert "g-shown" in said
    assert "g-hidden" not in said
    assert "g-since" not in said
    assert gateway.create(dissent(world.alice, **against(COUNCIL)), world.gp).status_code == 201
    assert "g-shown" not in gateway.get(told["deleted"][0]["url"], mdt).text


def test_a20_provenance_of_what_is_hidden_is_on_no_list(gateway, world, mdt):
    put(gateway, world.alice, goal_row("g-hid", world.alice, CANARY), org="RQY", conf="V")
    put(gateway, world.alice, goal_row("g-seen", world.alice, "seen"), org="RQY")
    gateway.at += timedelta(minutes=3)
    since = (gateway.at - timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    for target, shown in (("g-hid", []), ("g-seen", [True])):
        told = {
            "resourceType": "Provenance",
            "id": f"told-of-{target}",
            "target": [{"reference": f"Goal/{target}"}],
            "recorded": "2026-11-21T12:00:00Z",
            "agent": [{"who": {"display": "somebody"}}],
        }
        put(gateway, world.alice, told, org="RQY", category="provenance")
        answer = listed(gateway, mdt, begun(kick_off(gateway, mdt, _since=since)))
        assert [one["type"] == "Provenance" for one in answer["output"]] == shown


def test_a_list_tells_a_narrower_token_of_no_other_type(gateway, world):
    job = begun(kick_off(gateway, system(gateway, "narrow-system")))
    told = listed(gateway, system(gateway, "narrow-system", "system/Patient.rs"), job)
    assert [one["type"] for one in told["output"]] == ["Patient"]


def test_how_far_a_look_got_is_told_by_no_number(gateway, world, mdt, monkeypatch):
    monkeypatch.setattr(export_people, "CHUNK", 1)
    monkeypatch.setattr(export_jobs, "_LOOK", 1)
    job = begun(kick_off(gateway, mdt))
    told = {gateway.get(job, mdt).headers["x-progress"] for _ in range(2)}
    assert told == {"in progress"}
