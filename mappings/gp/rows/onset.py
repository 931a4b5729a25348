"""When a problem or an allergy began: one choice of STU3 and R4, for both."""

from typing import Final

from mappings.core.model import dates
from mappings.core.model.rows import Row
from mappings.gp.rows import shaping

ONSET: Final = (
    Row("when.age", "onsetAge", "onsetAge", fn=shaping.quantity),
    Row("when.period", "onsetPeriod", "onsetPeriod", fn=shaping.period),
    Row("when.range", "onsetRange", "onsetRange", fn=shaping.range_of),
    Row("when.words", "onsetString", "onsetString"),
    Row("when.date", "onsetDateTime", "onsetDateTime", fn=dates.fhir_date_time),
)
