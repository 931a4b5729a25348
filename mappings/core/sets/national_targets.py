"""The person and the care plan as every national data set states them: as targets.

In      What a set calls its columns: `TABLE.Column`, or bare columns of a named table; its code
        tables and functions.
Out     Targets. What a builder fixes is the same in every set; what a set says of itself (its
        codes, further rows, its access category) is an argument.
Source  FHIR R4; UK Core. Rules of plan status: `national.PLAN_RULES`.
"""

from collections.abc import Callable
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.paths import Scope
from mappings.core.model.rows import Row, Target
from mappings.core.sets import national, national_codes, national_days
from mappings.core.sets.national_keys import Filled, StatementKey, Statements
from mappings.core.sets.national_sets import Names, provider_row
from mappings.core.shaping import elements

Category = str | Callable[[Scope], str]

PLAN: Final = elements.ReferenceTo("CarePlan")
DERIVED: Final = Row(
    "plan.derived",
    "meta.tag[+]",
    value=national.DERIVED_STATUS,
    why="the data set sends no plan status",
)


_ETHNIC: Final = (
    Row(
        "ethnic.what",
        "url",
        value=f"{national.UK_CORE}/Extension-UKCore-EthnicCategory",
        why="the column",
    ),
    Row("ethnic.value", "valueCodeableConcept", ".", table=national_codes.ETHNIC),
)


def patient(
    names: Names, category: Category, *, gender: str, genders: CodeTable,
    postcode: str, language: str, ethnic: str, further: tuple[Row, ...] = (),
) -> Target:  # fmt: skip
    """The person, and the practice that registers them."""
    own = names.own
    local, owner, number, born, status, died = (own(column) for column in names.claim)
    traced = (number, status)
    return Target(
        "Patient",
        category=category,
        rows=(
            Row("person.local", "identifier[+]", (local, owner), fn=national.local_identifier),
            Row("person.nhs", "identifier[+]", traced, fn=national.traced_nhs_number),
            Row(
                "person.born", "birthDate", (born, names.head(names.created)), fn=national_days.born
            ),
            Row("person.died", "deceasedDateTime", died, fn=dates.fhir_date),
            Row("person.gender", "gender", own(gender), table=genders),
            Row("person.postcode", "address[0].postalCode", own(postcode), fn=national.postcode),
            Row(
                "person.language",
                "communication[0].language",
                own(language),
                fn=national.language,
            ),
            Row(
                "person.gp",
                "generalPractitioner[0]",
                gather=names.registered_practice,
                reads=(f"{names.registration}[].{names.practice[0]}",),
                fn=elements.ods_organisation,
            ),
            provider_row(names, "person.provider", "managingOrganization"),
            Row("person.ethnic", "extension[+]", own(ethnic), rows=_ETHNIC),
            *further,
        ),
    )


def care_plan(
    *, key: str, implemented: str, agreed: str, died: str, created: tuple[str, str],
    made: str, category: Category, kind: tuple[Row, ...], further: tuple[Row, ...] = (),
) -> Target:  # fmt: skip
    """A care plan's header; `kind` says what sort of plan it is."""
    status = (implemented, agreed, died, "Referrals", made, key)
    return Target(
        "CarePlan",
        key=(key,),
        category=category,
        rows=(
            Row("plan.id", "identifier[0]", key, fn=elements.local_id),
            Row("plan.status", "status", status, fn=national.local_plan_status, must=True),
            DERIVED,
            Row("plan.rule", "note[+]", status, fn=national.plan_status_note),
            Row("plan.intent", "intent", value="plan", why="a header states an intention"),
            *kind,
            Row("plan.created", "created", created, fn=national.day_and_time),
            Row("plan.start", "period.start", implemented, fn=dates.fhir_date),
            *further,
        ),
    )


def agreement(
    names: Names, *, plan_key: str, table: str, by: str, on: tuple[str, str],
    roles: Callable[..., Any], category: Category, word: str = "agreed",
    plan: Callable[..., Any] = PLAN,
) -> Target:  # fmt: skip
    """Who agreed a plan and when: one Provenance for each different statement."""
    said = (by, *on)
    return Target(
        "Provenance",
        name="agreement",
        each=Statements(table, said),
        key=StatementKey(plan_key, word, said),
        category=category,
        reads=tuple(f"{table}[].{column}" for column in said),
        rows=(
            Row("agreement.plan", "target[0]", f"/{plan_key}", fn=plan, must=True),
            Row("agreement.on", "occurredDateTime", on, fn=national.day_and_time),
            _recorded(names, "agreement.recorded"),
            Row("agreement.what", "activity.text", value="agreed", why="what the table lists"),
            Row("agreement.role", "agent[0].role[0]", by, fn=roles),
            Row(
                "agreement.who",
                "agent[0].who.display",
                value="As the role says; the data set names nobody",
                why=f"{table} holds a code for who agreed, and no name",
            ),
        ),
    )


def update(
    names: Names, *, plan_key: str, on: tuple[str, str], category: Category,
    word: str = "updated", plan: Callable[..., Any] = PLAN,
) -> Target:  # fmt: skip
    """A plan's last update."""
    return Target(
        "Provenance",
        name="update",
        when=Filled(on[0]),
        key=StatementKey(plan_key, word),
        category=category,
        rows=(
            Row("update.plan", "target[0]", plan_key, fn=plan, must=True),
            Row("update.on", "occurredDateTime", on, fn=national.day_and_time),
            _recorded(names, "update.recorded"),
            Row(
                "update.what",
                "activity",
                value=Concept(national.DATA_OPERATION, "UPDATE", "revise").concept(),
                why="the columns say when the plan was last updated",
            ),
            Row(
                "update.who",
                "agent[0].who",
                names.head(names.provider),
                fn=elements.ods_organisation,
                must=True,
            ),
        ),
    )


def _recorded(names: Names, row_id: str) -> Row:
    return Row(row_id, "recorded", names.head(names.created), fn=dates.fhir_instant, must=True)
