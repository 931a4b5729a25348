"""What a site's files become is FHIR R4: the judges accept every resource."""

from datetime import date

from gateway.cli.demo.running import site_files
from gateway.flows.site.site_entries import stated
from gateway.flows.site.site_fhir import TYPES, resources
from gateway.flows.site.site_files import read_site
from mappings.registry import FEEDS


def made() -> list[dict]:
    entries = read_site(site_files(), FEEDS).entries
    bodies = [(kind, stated(entry)) for (kind, _), entry in entries.items()]
    return [one for kind in TYPES for one in resources(kind, bodies, date(2026, 11, 21))]


def test_every_invariant_holds(broken_invariants):
    assert len(made()) == 52
    assert [keys for one in made() if (keys := broken_invariants(one))] == []


def test_google_accepts_every_resource(google_verdicts):
    wrong = {**made()[0], "active": "true"}
    verdicts = google_verdicts([*made(), wrong])
    assert [one for one in verdicts[:-1] if one] == []
    assert verdicts[-1]
