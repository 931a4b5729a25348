"""The mental-health feed: what mental-health trusts send."""

from typing import Final

from mappings.core.model.rows import Feed, Format
from mappings.core.model.snapshots import OfHeader, Snapshot
from mappings.mental_health.message.mhsds import MEDIA_TYPES, MHSDS
from mappings.mental_health.message.mhsds_record import MHSDS_RECORD
from mappings.mental_health.rows import mhsds
from mappings.plan_document.kinds import FORMATS, mental_health_shelf, plan_kinds

_SNAPSHOT: Final = Snapshot(
    "MHSDS",
    OfHeader(
        header="MHS000",
        provider="OrgIDProvider",
        starts="ReportingPeriodStartDate",
        ends="ReportingPeriodEndDate",
        created="DateTimeDatSetCreate",
        prefix="MHS",
    ),
)

FEED: Final = Feed(
    name="mental-health",
    title="Mental health",
    formats=(
        Format(
            "mhsds",
            MEDIA_TYPES,
            MHSDS.recognises,
            MHSDS.read,
            together=True,
            part_of=MHSDS.table_of,
            snapshot=_SNAPSHOT,
        ),
        Format("mhsds-record", ("application/json",), MHSDS_RECORD.recognises, MHSDS_RECORD.read),
        *FORMATS,
    ),
    kinds={kind.name: kind for kind in (*mhsds.KINDS, *plan_kinds(mental_health_shelf))},
)
