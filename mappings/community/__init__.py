"""The community feed: what community-health providers send."""

from typing import Final

from mappings.community.message.csds import CSDS, MEDIA_TYPES
from mappings.community.message.csds_record import CSDS_RECORD
from mappings.community.rows import csds
from mappings.core.model.rows import Feed, Format
from mappings.core.model.snapshots import OfHeader, Snapshot
from mappings.plan_document.kinds import FORMATS, plan_kinds
from mappings.terms.access import Category

_SNAPSHOT: Final = Snapshot(
    "CSDS",
    OfHeader(
        header="CYP000",
        provider="OrgID_Provider",
        starts="RP_StartDate",
        ends="RP_EndDate",
        created="FileCreation_DateTime",
        prefix="CYP",
    ),
)

FEED: Final = Feed(
    name="community",
    title="Community health",
    formats=(
        Format(
            "csds",
            MEDIA_TYPES,
            CSDS.recognises,
            CSDS.read,
            together=True,
            part_of=CSDS.table_of,
            snapshot=_SNAPSHOT,
        ),
        Format("csds-record", ("application/json",), CSDS_RECORD.recognises, CSDS_RECORD.read),
        *FORMATS,
    ),
    kinds={kind.name: kind for kind in (*csds.KINDS, *plan_kinds(Category.CARE_PLAN))},
)
