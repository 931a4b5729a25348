"""What a team edited of what a feed states, as far as a caller may see whose edit it is.

In      An opened row with edits; what the caller's Filter denies.
Out     The same row, where every edit may be seen; else the source's words under the others.
Rule    Who sees the source's row sees the edits that lie over it, but for those of whom the data
        is kept from them: an edit is judged as if its own organisation had sent the row, over all
        the time from what the row is about to the edit. Where something is masked, notes on what
        differs go: they were written about the whole.
Pure    No database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from consent.filter import Node
from consent.labels import labels_of
from consent.terms import Labels
from gateway.store.access.consent_rules import TEAM_SOURCE
from gateway.store.clear import precise
from gateway.store.clear.columns import columns_of
from gateway.store.labels.label_union import security
from gateway.store.labels.labelling import TEAM
from gateway.store.record.reads import Opened
from gateway.store.team.team_edits import laid
from gateway.store.team.team_statements import Beside, Statement, beside_in

_Judged = Callable[[str, str, int], bool]
"""Of an organisation, its author and a moment."""


def as_seen(row: Opened, denies: Sequence[Node], *, tell: bool) -> Opened:
    """The row as it is shown; `tell`: with notes on what differs."""
    beside, said = beside_of(row), precise.loads(row.body)
    may_see = _judged(row, said, denies)
    seen = tuple(one for one in beside.statements if may_see(one.org, one.author, one.at))
    meta = dict(said["meta"])
    hand = _hand(meta)
    is_named = not hand or may_see(hand, "", row.updated_at)
    if tell and is_named and len(seen) == len(beside.statements):
        return row
    body = laid(replace(beside, statements=seen), tell=tell)
    if not is_named or len(seen) < len(beside.statements):
        meta["source"] = body["meta"]["source"]
    return row._replace(body=precise.dumps(_headed(body, meta)))


def beside_of(row: Opened) -> Beside:
    """The source's own words and the edits that lie over them."""
    return beside_in(b"\n".join((row.body, row.apart)) if row.apart else row.body)


def statements_seen(
    row: Opened, statements: Iterable[Statement], denies: Sequence[Node]
) -> tuple[Statement, ...]:
    """Those that the caller may see."""
    if not denies:
        return tuple(statements)
    may_see = _judged(row, precise.loads(row.body), denies)
    return tuple(one for one in statements if may_see(one.org, one.author, one.at))


def is_seen(row: Opened, org: str, author: str, at: int, denies: Sequence[Node]) -> bool:
    """Whether the caller may see what somebody wrote over this row, and that they did."""
    return not denies or _judged(row, precise.loads(row.body), denies)(org, author, at)


def is_told(row: Opened, denies: Sequence[Node]) -> bool:
    """Whether the caller may be told of this version: not where an edit that is kept from them
    made it."""
    if not row.apart:
        return True
    said = precise.loads(row.body)
    hand = _hand(said["meta"])
    return not hand or _judged(row, said, denies)(hand, "", row.updated_at)


def edit_labels(labels: Labels, org: str, author: str, at: int) -> tuple[Labels, Labels]:
    """What an edit is judged by, made of the labels of the row that it lies over: as its
    organisation's, and as its author's."""
    by_org = replace(
        labels, source_org=org, author=org, start=min(labels.start, at),
        end=max(labels.end, at + 1), feed=TEAM,
    )  # fmt: skip
    return by_org, replace(by_org, author=author or org)


def is_denied(either: Iterable[Labels], denies: Sequence[Node]) -> bool:
    """Whether something is kept from the caller."""
    return any(deny.matches(labels) for labels in either for deny in denies)


def _judged(row: Opened, body: Mapping[str, Any], denies: Sequence[Node]) -> _Judged:
    """Whether the caller may see what somebody wrote over this row; the body is as it is parsed."""
    if not denies:
        return lambda _org, _author, _at: True
    labels = _labels(row, body)
    return lambda org, author, at: not is_denied(edit_labels(labels, org, author, at), denies)


def _labels(row: Opened, body: Mapping[str, Any]) -> Labels:
    parts, dated = labels_of(security(body)), columns_of(body)
    return Labels(
        parts.category, parts.confidentiality, parts.sensitivities, parts.holds, parts.legal,
        "", "", dated.starts, dated.ends, row.resource_type, row.resource_id, TEAM,
    )  # fmt: skip


def _hand(meta: Mapping[str, Any]) -> str:
    """The organisation whose member wrote a version; empty where none did."""
    return str(meta.get("source", "")).partition(TEAM_SOURCE)[2]


def hands_seen(row: Opened, denies: Sequence[Node]) -> list[str]:
    """The organisations whose edits are shown in the row."""
    seen = statements_seen(row, beside_of(row).statements, denies) if row.apart else ()
    return list(dict.fromkeys(one.org for one in seen))


def _headed(body: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": body["resourceType"], "id": body["id"], "meta": meta} | {
        name: value for name, value in body.items() if name not in ("resourceType", "id", "meta")
    }
