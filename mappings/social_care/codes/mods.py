"""Code tables of MODS plans: FHIR R4's own required codes, and one word that is not among them.

Source  FHIR R4 value sets request-status, care-plan-intent, goal-status, flag-status, task-status,
        task-intent; MODS-CarePlan (draft), which fixes the intent to `planned`.
"""

from typing import Final

from mappings.core.model.codes import CodeTable
from mappings.core.r4.codes import VALUE_SETS


def _same(value_set: str, **more: str) -> CodeTable:
    codes = {code: code for _, found in VALUE_SETS[value_set] for code in found}
    return CodeTable(source=f"FHIR R4 {value_set}", rows=codes | more, required=True)


PLAN_STATUS: Final = _same("request-status")
PLAN_INTENT: Final = _same("care-plan-intent", planned="plan")
GOAL_STATUS: Final = _same("goal-status")
FLAG_STATUS: Final = _same("flag-status")
TASK_STATUS: Final = _same("task-status")
TASK_INTENT: Final = _same("task-intent")
GENDER: Final = _same("administrative-gender")
