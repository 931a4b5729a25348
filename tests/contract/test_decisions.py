"""The compiled filter, its SQL and a reference that never compiles agree on every row.

The reference asks about one row at a time, in permit form: is there a permission left? The
decision asks about all rows at once, in deny form. They share the policy and nothing else.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.terms import Pds
from tests.contract.test_filter_sql import database as database  # a fixture
from tests.contract.test_filter_sql import selected
from tests.sampling import examples
from tests.unit.consent.world import policy
from tests.unit.consent.worlds import choices, people, rows, shown, who


def _asks(part, asking, emergency) -> bool:
    names = {("organisation", asking.org), ("person", asking.user_id), ("role", asking.role)}
    wanted = {(actor.kind.value, actor.value) for actor in part.askers}
    purposes = {"TREAT", "BTG"} if emergency else {"TREAT"}
    return (not wanted or bool(wanted & names)) and (
        not part.purposes or bool(purposes & part.purposes)
    )


def _about(part, row) -> bool:
    """The row is of the category and source that the part speaks about."""
    return (not part.categories or row.category in part.categories) and (
        not part.source_orgs or row.source_org in part.source_orgs
    )


def _covers(part, row) -> bool:
    """A permit covers the row: every label and every day of it."""
    if not _about(part, row) or row.end > part.data_end or row.start >= part.data_end:
        return False
    if part.confidentiality is not None:
        level_fits = row.confidentiality <= part.confidentiality
        plain = part.sensitivities == 0
        return level_fits and (
            plain or row.sensitivities | part.sensitivities == part.sensitivities
        )
    if part.sensitivities == 0:
        return True
    shared = row.sensitivities & part.sensitivities
    return shared != 0 and shared == row.sensitivities


def _touches(part, row) -> bool:
    """A deny touches the row: any label or any day of it."""
    if not _about(part, row) or row.start >= part.data_end:
        return False
    if part.confidentiality is None and part.sensitivities == 0:
        return True
    level = part.confidentiality is not None and row.confidentiality >= part.confidentiality
    return level or row.sensitivities & part.sensitivities != 0


def _consents_permit(asking, about, setting, emergency, role, row) -> bool:
    said, limits, covered = False, False, False
    limits_talked = False
    denied = []
    for rule in about.consents:
        root = _asks(rule.root, asking, emergency)
        nested = [part for part in rule.nested if _asks(part, asking, emergency)]
        permits = [part for part in [*nested, rule.root] if part.permit and root]
        permitted = any(_covers(part, row) for part in permits)
        said = said or permitted
        lifted = emergency and setting.break_glass_overrides_dissent
        if lifted and not rule.binds_break_glass:
            continue
        hides = any(_touches(part, row) for part in nested if not part.permit)
        if root and rule.root.permit:
            limits, covered = True, covered or permitted
            limits_talked = limits_talked or rule.conversation
        elif root:
            hides = hides or (_touches(rule.root, row) and not permitted)
        denied.append((hides, rule.conversation))
    spared = role.direct_care and row.category == "safety"
    if any(hides and (talked or not spared) for hides, talked in denied):
        return False
    if limits and not covered and (limits_talked or not spared):
        return False
    return said or setting.default == "implied"


def _is_of_closed_feed(asking, about, row) -> bool:
    return any(
        row.source_org == one.org
        and row.feed in (one.feed, "")
        and not (one.checked and asking.role == "clinical-safety-officer")
        for one in about.closed
    )


def _is_switched_off(asking, about, row) -> bool:
    """Callers here are staff: what concerns the person alone is not in their way."""
    alone = "shared-record" in about.off.features and row.source_org != asking.org
    unknown = row.feed == "" and row.source_org in about.off.senders
    return alone or unknown or row.feed in about.off.feeds


def reference(asking, about, setting, emergency, row) -> bool:
    rules = policy(setting)
    role = rules.roles[asking.role]
    emergency = emergency and role.break_glass
    own = row.source_org == asking.org
    if about.pds == Pds.VERY_RESTRICTED or row.legal:
        return False
    if _is_of_closed_feed(asking, about, row) or _is_switched_off(asking, about, row):
        return False
    if about.opted_out and not own and not (emergency and role.needs_relationship):
        return False
    level, marks, open_ = role.clearance, role.sensitivities, set(role.view.everywhere)
    if emergency:
        level, marks = max(level, 2), marks | rules.break_glass.sensitivities
    outer = row.category in open_ | (set(rules.break_glass.categories) if emergency else set())
    fits = outer and row.confidentiality <= level and row.sensitivities | marks == marks
    instructs = role.direct_care and row.category == "safety" and "safety" in open_
    inner = marks | role.own_sensitivities
    own_fits = (
        own
        and row.category in role.view.own
        and row.confidentiality <= max(level, role.own_clearance)
        and row.sensitivities | inner == inner
    )
    if not fits and not own_fits and not instructs:
        return False
    return _consents_permit(asking, about, setting, emergency, role, row)


@pytest.mark.parametrize("emergency", [False, True])
@settings(max_examples=examples(300), deadline=None)
@given(
    asking=who,
    about=people,
    setting=choices,
    held=st.lists(rows, min_size=1, max_size=6),
)
def test_decision_sql_and_reference_agree(database, emergency, asking, about, setting, held):
    decided = shown(asking, about, setting, emergency)
    expected = [
        n for n, row in enumerate(held) if reference(asking, about, setting, emergency, row)
    ]
    assert [n for n, row in enumerate(held) if decided.allows(row)] == expected
    assert selected(database, decided, held) == expected
