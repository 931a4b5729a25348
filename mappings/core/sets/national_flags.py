"""What a national data set says by an indicator: as targets that few or many may see.

In      What a set calls its columns, its code tables, the shelf and how restricted it is.
Out     Targets: a Flag of what protects somebody, a Condition that is confirmed, an Observation.
Rule    Safeguarding, child protection and offences stand on the safeguarding shelf, restricted:
        the safeguarding role alone is granted it, and no emergency opens it. "Never", "no" and
        "not known" make no Flag; a code of no list does, in its own words. A diagnosis that is
        only suspected makes no Condition.
Source  FHIR R4; NHS Data Model and Dictionary.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.rows import Row, Target
from mappings.core.sets import national_care
from mappings.core.sets.national_keys import Among, Besides, Filled
from mappings.core.sets.national_sets import Names, provider_row

_COLUMN: Final = "what the column is about; a code of no list would not say"


def protection(
    names: Names, path: str, word: str, *, about: str, whose: str, status: Row, what: Row,
    category: str, none: tuple[str, ...],
) -> Target:  # fmt: skip
    """A Flag for the safeguarding role, but where an indicator says that there is none."""
    return safeguarding(
        names,
        ("=" + word, whose),
        (status, Row("flag.about", "category[0].text", value=about, why=_COLUMN), what),
        name=word,
        category=category,
        when=Besides(path, *none),
        reads=(path,),
    )


def safeguarding(
    names: Names, key: tuple[str, ...] | Callable[..., Any], rows: tuple[Row, ...], *,
    category: str, name: str = "", when: Callable[..., bool] | None = None,
    reads: tuple[str, ...] = (), defaults: Mapping[str, Any] | None = None,
) -> Target:  # fmt: skip
    """A Flag for the safeguarding role."""
    return Target(
        "Flag",
        name=name,
        when=when,
        key=key,
        category=category,
        confidentiality="R",
        defaults=defaults or {},
        reads=reads,
        rows=(*rows, provider_row(names, "flag.provider", "author")),
    )


def indicated(
    path: str, word: str, what: str, values: CodeTable | Callable[..., Any], *, whose: str,
    category: str, confidentiality: str = "N",
) -> Target:  # fmt: skip
    """An Observation of how things are with the person, from one indicator."""
    held = national_care.coded("indicator.value", path, values, must=True)
    return Target(
        "Observation",
        name=word,
        when=Filled(path),
        key=("=" + word, whose),
        category=category,
        confidentiality=confidentiality,
        rows=national_care.social_history("indicator", what, "what the column holds", held),
    )


def confirmed(path: str, word: str, what: str, code: str, *, whose: str, category: str) -> Target:
    """A Condition, where an indicator says that the diagnosis is confirmed."""
    clinical = Concept(systems.CONDITION_CLINICAL, "active", "Active").concept()
    verified = Concept(systems.CONDITION_VERIFICATION, "confirmed", "Confirmed").concept()
    lasting = "a condition for life"
    said = f"the code {code} of the column"
    return Target(
        "Condition",
        name=word,
        when=Among(path, code),
        reads=(path,),
        key=("=" + word, whose),
        category=category,
        rows=(
            Row("confirmed.clinical", "clinicalStatus", value=clinical, why=lasting),
            Row("confirmed.verified", "verificationStatus", value=verified, why=said),
            Row("confirmed.what", "code.text", value=what, why="what the column is about"),
        ),
    )


def unknown_codes(table: str, known: Mapping[str, frozenset[str]], facts: Facts) -> Iterator[Issue]:
    """A code of an indicator that is in no published list: it is shown as nothing."""
    row: Mapping[str, str] = facts.get(table) or {}
    for column, codes in known.items():
        if column in row and row[column] not in codes:
            text = "not a code of this indicator; nothing is shown of it"
            yield warning(f"{table}.{column}", "unmapped-code", text)
