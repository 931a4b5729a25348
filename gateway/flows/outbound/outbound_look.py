"""What an organisation is shown of one person today, against what its files showed before.

    Filter -> rows that pass -> how each looks -> changed: opened, redacted | gone: by reference

Rule    The same Filter, views and redactions as an answer over HTTP. A resource is given again when
        it looks otherwise: another version, other links that may be seen, another mask. What is no
        longer shown is told by its reference alone, whether it was withdrawn, hidden, or the
        organisation has no more to do with the person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.flows.asking.sight import OF_PATIENTS, Sight, first_org
from gateway.flows.asking.views import View, is_shown, patient_view, views
from gateway.flows.outbound.outbound_profiles import Profile
from gateway.flows.site.site import Site
from gateway.store.database.engine import Connection
from gateway.store.leaving import outbound
from gateway.store.leaving.outbound import Given, Row
from gateway.store.record import reads

_MOST_SOURCES: Final = 500


@dataclass(frozen=True, slots=True)
class Change:
    """What a file says of one person."""

    sight: Sight
    shown: tuple[View, ...]
    now: tuple[Given, ...]
    gone: tuple[Given, ...]
    """What was given before, and is no longer shown."""


async def change_of(conn: Connection, site: Site, profile: Profile, sight: Sight) -> Change:
    """What is new, looks otherwise, or is gone since the last file."""
    rows = await outbound.rows(conn, sight.group)
    looks = _looks(site, profile, sight, rows)
    before = await outbound.given(conn, profile.org, sight.held.sources)
    new = {name: one for name, one in looks.items() if before.get(name) != one}
    shown = await _opened(conn, site, sight, rows, new)
    gone = [one for name, one in before.items() if name not in looks]
    return Change(sight, tuple(shown), tuple(new.values()), tuple(gone))


def _looks(site: Site, profile: Profile, sight: Sight, rows: Sequence[Row]) -> dict[str, Given]:
    """How each resource that is shown looks, by its id; the person as one Patient."""
    subject, hasher = sight.subject, site.store.vault.hasher
    seen = {row.outline.resource_id for row in rows}
    found: dict[str, Given] = {}
    context = " ".join((subject.person_id, *subject.masks))
    patients = [row for row in rows if row.outline.resource_type == "Patient"]
    others = [row for row in rows if row.outline.resource_type != "Patient"]
    for row in others:
        kind, name = row.outline.resource_type, row.outline.resource_id
        if (profile.types and kind not in profile.types) or not is_shown(row.outline, seen):
            continue
        links = sorted(ref for ref in row.outline.refs if ref.partition("/")[2] in seen)
        look = hasher.lasting_hash("look", _stands(row), context, " ".join(links))
        found[name] = Given(row.outline.patient_id, name, kind, look)
    if patients and (not profile.types or "Patient" in profile.types):
        made_of = " ".join(f"{row.outline.resource_id} {_stands(row)}" for row in patients)
        made_of += "".join(
            f" {one.outline.patient_id} {subject.deaths[one.outline.patient_id]}"
            for one in patients
            if one.outline.patient_id in subject.deaths
        )
        look = hasher.lasting_hash("look", made_of, context, first_org(sight))
        found[subject.person_id] = Given(subject.person_id, subject.person_id, "Patient", look)
    return found


def _stands(row: Row) -> str:
    return f"{row.version}.{row.linking}"


async def _opened(
    conn: Connection,
    site: Site,
    sight: Sight,
    rows: Sequence[Row],
    new: Mapping[str, Given],
) -> list[View]:
    """What is new, as the organisation may see it."""
    if not new:
        return []
    vault, group, subject = site.store.vault, [sight.group], sight.subject
    seen = {row.outline.resource_id for row in rows}
    wanted = {name for name, one in new.items() if one.resource_type != "Patient"}
    opened = await reads.some(conn, vault, group, wanted) if wanted else []
    made = views(opened, dict.fromkeys(sight.held.sources, subject), seen)
    if subject.person_id not in new:
        return made
    people = await reads.search(conn, vault, group, [OF_PATIENTS], "", _MOST_SOURCES)
    return [patient_view(people, subject, first_org(sight)), *made]
