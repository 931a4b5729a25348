"""The groups that an organisation's exports can be of, as FHIR: its caseloads, by the kind of tie.

Out     Group resources: the same for every organisation but for its code, whoever is on the lists.
Rule    A Group names nobody: who is in it is told person by person, under the Filter, by a search
        or an export. So it is no way to learn who is on a list.
Pure    Yes.
"""

from collections.abc import Mapping
from typing import Any, Final

from mappings.core.model import systems

_TIES: Final = {
    "everyone": "Everyone whom it has to do with",
    "registered-practice": "People registered with the practice",
    "caseload": "People on the caseload",
    "care-team": "People whose care team or multidisciplinary team it is part of",
    "referral": "People referred to it",
}


def groups_of(org: str) -> Mapping[str, Mapping[str, Any]]:
    """The organisation's groups by id; none for a caller without one."""
    if not org:
        return {}
    return {f"{tie}-{org}": _group(f"{tie}-{org}", text, org) for tie, text in _TIES.items()}


def tie_of(org: str, group_id: str) -> str | None:
    """The kind of tie that the organisation's group of that id is of; empty: any."""
    tie = next((tie for tie in _TIES if org and group_id == f"{tie}-{org}"), None)
    return "" if tie == "everyone" else tie


def _group(name: str, text: str, org: str) -> Mapping[str, Any]:
    return {
        "resourceType": "Group",
        "id": name,
        "active": True,
        "type": "person",
        "actual": True,
        "name": text,
        "managingEntity": {"identifier": {"system": systems.ODS, "value": org}},
    }
