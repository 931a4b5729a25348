"""What Google's FHIR R4 protocol buffers say of resources; run by the judge's own Python.

In      stdin: one FHIR R4 resource in JSON a line.
Limits  it does not look into contained resources, takes no null in an array of primitives, and
        does not know a second that is 60.
Out     stdout: one line each, `null` where it is accepted, else the reason as a JSON string.
"""

import json
import sys

from google.fhir.r4 import json_format  # type: ignore[import-not-found]
from google.fhir.r4.proto.core.resources import (  # type: ignore[import-not-found]
    bundle_and_contained_resource_pb2,
)


def verdict(text: str) -> str | None:
    """Why this is not a valid resource, or None.

    The parser raises ValueError, KeyError and others of its own: any of them is a refusal.
    """
    holder = bundle_and_contained_resource_pb2.ContainedResource()
    try:
        json_format.merge_json_fhir_string_into_proto(text, holder)
    except Exception as refusal:  # noqa: BLE001 - whatever the judge raises is its verdict
        return f"{type(refusal).__name__}: {refusal}"
    return None


for line in sys.stdin:
    sys.stdout.write(json.dumps(verdict(line)) + "\n")
    sys.stdout.flush()
