"""The site's organisations, places and services: read and searched with a token, of nobody."""

import pytest

from gateway.audit.events import Event
from gateway.cli.demo.running import site_files
from gateway.errors import FaultyRequestError
from gateway.flows.asking.search_log import Operator
from gateway.flows.upkeep.load_site import load_site, shown_site
from gateway.store.site import site_data
from mappings.core.checking.validate import validate
from mappings.registry import FEEDS
from mappings.terms.support import ORGANISATION_KIND, SERVICE_KIND
from tests.api.service import is_outcome, references, resources

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
TYPES = ("Organization", "Location", "HealthcareService")


def load(service, files=None, **more):
    operator = Operator("operator", service.at)
    return service.run(
        load_site(service.site.store, operator, files or site_files(), FEEDS, **more)
    )


@pytest.fixture
def site(gateway):
    load(gateway)
    return gateway


@pytest.fixture(scope="module")
def loaded(start_once):
    """The site loaded once, for the tests that only read it."""
    gateway = start_once()
    load(gateway)
    return gateway


def home_carer(gateway):
    return gateway.token("home-care", "hc-1", "XK1")


def changed(text: str, other: str) -> list[tuple[str, bytes]]:
    """The files with one text in place of another."""
    return [(name, body.replace(text.encode(), other.encode())) for name, body in site_files()]


def test_a_site_is_loaded_whole_and_told_by_what_differs(gateway):
    dry = load(gateway, dry_run=True)
    assert (dry["loaded"], dry["added"]) == (False, dry["entries"])
    assert load(gateway, dry_run=True) == dry
    assert load(gateway)["added"] == dry["entries"]
    again = load(gateway)
    assert (again["added"], again["changed"], again["gone"], again["changes"]) == (0, 0, 0, [])
    told = load(gateway, changed('name = "Surbiton"', 'name = "Surbiton"\nfeeds_off = ["gp"]'))
    assert told["changes"] == [
        {"change": "changed", "kind": "locality", "id": "surbiton", "name": "Surbiton",
         "keys": ["feeds_off"]}
    ]  # fmt: skip
    fewer = [one for one in site_files() if one[0].endswith(".toml")]
    told = load(gateway, fewer)
    assert (told["changed"], told["gone"]) == (1, 15)
    shown = gateway.run(shown_site(gateway.site.store.engine, gateway.at))
    assert shown["service"] == []
    assert "feeds_off" not in str(shown)


def test_a_site_with_a_fault_changes_nothing(site):
    before = site.get("Location", site.token("gp", "gp-1", "H85001")).json()
    size = site.size()
    with pytest.raises(FaultyRequestError):
        load(site, changed('locality = "surbiton"', 'locality = "nowhere"'))
    assert site.size() == size
    assert site.get("Location", site.token("gp", "gp-1", "H85001")).json() == before


def test_loading_is_in_the_log_with_counts_and_the_hash_of_the_files(gateway):
    told = load(gateway)
    entry = gateway.entries()[-1]
    assert (entry.event, entry.query, entry.person_id) == (Event.SETTING_CHANGE, "site", "")
    assert dict(entry.detail) == {
        "files": told["files"], "entries": "44", "added": "44", "changed": "0", "gone": "0"
    }  # fmt: skip


def test_services_say_whether_they_are_open_now(loaded):
    shown = loaded.run(shown_site(loaded.site.store.engine, loaded.at))  # a Saturday at noon
    now = {one["id"]: (one["open"], one["until"], one["opens"]) for one in shown["service"]}
    assert now["crisis-line"] == (True, None, None)
    assert now["district-nursing"] == (True, "2026-11-21T13:00:00+00:00", None)
    assert now["council-front-door"] == (False, None, "2026-11-23T09:00:00+00:00")


def test_what_is_served_is_valid_and_leads_to_what_is_served(loaded):
    who = home_carer(loaded)
    found = {kind: resources(loaded.get(f"{kind}?_count=500", who).json()) for kind in TYPES}
    names = {f"{kind}/{one['id']}" for kind, rows in found.items() for one in rows}
    assert len(names) == 24 + 13 + 7
    for kind, rows in found.items():
        for one in rows:
            assert validate(one) == ()
            assert loaded.get(f"{kind}/{one['id']}", who).json() == one
            assert set(references_in(one)) <= names


def references_in(value):
    """Every reference within."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "reference":
                yield inner
            yield from references_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references_in(inner)


def test_a_locality_says_what_it_has_not_joined(site):
    who = home_carer(site)
    assert "description" not in site.get("Location/surbiton", who).json()
    off = 'feeds_off = ["gp"]\nfeatures_off = ["own-record"]'
    load(site, changed('name = "Surbiton"', f'name = "Surbiton"\n{off}'))
    told = site.get("Location/surbiton", who).json()
    assert told["description"] == "Not joined here: gp, own-record"
    assert validate(told) == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Organization?_id=RQY,RAX", ["RAX", "RQY"]),
        ("Organization?name=elm", ["H85901"]),
        ("Organization?name=CRESCENT", []),
        (f"Organization?identifier={ODS}|RQY", ["RQY"]),
        ("Organization?identifier=RQY", ["RQY"]),
        (f"Organization?identifier={ODS}|", 16),
        ("Organization?identifier=other|RQY", []),
        ("Organization?identifier=|RQY", []),
        ("Organization?type=council", ["X1K"]),
        (f"Organization?type={ORGANISATION_KIND}|home-care", ["XK1", "XK2"]),
        ("Organization?type=govt,cg", ["X1K", "XV1"]),
        ("Organization?partof=H85901", ["mdt-h85901"]),
        ("Organization?partof=Organization/H85901&name=New", ["mdt-h85901"]),
        ("Organization?partof=Location/H85901", []),
        ("Location?partof=borough", 4),
        ("Location?partof=Location/surbiton", ["H85902", "H85906"]),
        ("Location?organization=H85902", ["H85902"]),
        ("Location?name=surb", ["surbiton"]),
        ("HealthcareService?organization=XK1", ["night-owls", "reablement"]),
        (f"HealthcareService?service-type={SERVICE_KIND}|night", ["night-owls"]),
        ("HealthcareService?coverage-area=surbiton", ["befriending"]),
        ("HealthcareService?coverage-area=Location/borough", 6),
        ("HealthcareService?name=home&organization=RAX", []),
        ("Organization?partof:Organization=H85901", ["mdt-h85901"]),
        ("Organization?partof:Location=H85901", []),
        ("Organization?partof:missing=false", 8),
        ("Organization?partof:missing=true", 16),
        ("Organization?type:not=prov", 10),
        ("Location?name:exact=Surbiton", ["surbiton"]),
        ("Location?name:exact=surbiton", []),
        ("Organization?type=prov", 14),
        (r"Location?name=surb\,on,surb", ["surbiton"]),
    ],
)
def test_it_is_searched_by_id_name_code_kind_and_what_it_is_part_of(loaded, query, expected):
    who = home_carer(loaded)
    answer = loaded.get(query, who)
    found = [one.partition("/")[2] for one in references(answer.json())]
    assert answer.json()["total"] == len(found)
    assert (len(found) if isinstance(expected, int) else found) == expected
    path, _, pairs = query.partition("?")
    form = dict(pair.split("=", 1) for pair in pairs.split("&"))
    assert resources(loaded.search(path, who, **form).json()) == resources(answer.json())


def test_a_reference_may_be_the_address_that_was_given_of_it(loaded):
    who = home_carer(loaded)
    (one,) = loaded.get("Organization?_id=XK1", who).json()["entry"]
    for kind, name in (("HealthcareService", "organization"), ("PractitionerRole", "organization")):
        whole = loaded.get(f"{kind}?{name}={one['fullUrl']}", who)
        assert references(whole.json()) == references(loaded.get(f"{kind}?{name}=XK1", who).json())
    assert references(loaded.get(f"HealthcareService?organization={one['fullUrl']}", who).json())
    elsewhere = loaded.get("HealthcareService?organization=https://a.example/Organization/XK1", who)
    assert references(elsewhere.json()) == []


def test_pages_follow_one_another(loaded):
    who = home_carer(loaded)
    pages = loaded.walk("Organization?_count=10", who)
    assert [len(page.get("entry", [])) for page in pages] == [10, 10, 4]
    assert {page["total"] for page in pages} == {24}
    assert "entry" not in loaded.get("Organization?_count=0", who).json()


@pytest.mark.parametrize(
    "query",
    ["Location?near=1", "Location?name=", "Location?name:contains=a", "Location?_count=x",
     "Location?patient=1", "HealthcareService?identifier=1", "Location?_id:missing=true",
     "Location?partof:Nosuch=1", "Location?partof:type=1", "Location?name:missing=maybe",
     "Organization?type=a|b|c", "Location?name=" + "a," * 101,
     "Location?" + "&".join(["name=a"] * 101)],
)  # fmt: skip
def test_what_is_not_searched_by_is_refused(loaded, query):
    who = home_carer(loaded)
    assert is_outcome(loaded.get(query, who), 400, "invalid")


@pytest.mark.parametrize("kind", TYPES)
def test_a_token_is_needed_and_nothing_can_be_written(loaded, kind):
    who = home_carer(loaded)
    assert loaded.get(kind).status_code == 401
    assert loaded.get(f"{kind}/RQY").status_code == 401
    assert loaded.ask("POST", f"/fhir/R4/{kind}/_search", None).status_code == 401
    assert loaded.get(f"{kind}/nothing", who).status_code == 404
    for method, path in (("POST", kind), ("PUT", f"{kind}/RQY"), ("DELETE", f"{kind}/RQY")):
        answer = loaded.ask(method, f"/fhir/R4/{path}", who, json={"resourceType": kind})
        assert is_outcome(answer, 405, "not-supported")


@pytest.mark.changes_nothing
@pytest.mark.parametrize("kind", TYPES)
def test_the_capability_statement_says_so(gateway, kind):
    (told,) = [
        one for one in gateway.get("metadata").json()["rest"][0]["resource"] if one["type"] == kind
    ]
    assert [one["code"] for one in told["interaction"]] == ["read", "search-type"]
    named = {one["name"]: one["definition"] for one in told["searchParam"]}
    assert named["name"] == f"http://hl7.org/fhir/SearchParameter/{kind}-name"
    assert [one["name"] for one in told["operation"]] == ["validate"]


def test_what_is_served_is_kept_until_the_site_changes(site, monkeypatch):
    who, read = home_carer(site), []
    entries = site_data.entries

    async def counted(*given):
        read.append(given[1:])
        return await entries(*given)

    monkeypatch.setattr("gateway.store.site.site_data.entries", counted)
    assert site.get("Location/surbiton", who).json()["name"] == "Surbiton"
    assert site.get("Location/surbiton", who).json()["name"] == "Surbiton"
    assert site.get("Location?name=surb", who).json()["total"] == 1
    assert len(read) == 1
    load(site, changed('name = "Surbiton"', 'name = "Surbiton and Tolworth"'))
    assert site.get("Location/surbiton", who).json()["name"] == "Surbiton and Tolworth"
