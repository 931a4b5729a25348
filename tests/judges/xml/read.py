"""Read FHIR XML with fhir.resources: one JSON string of XML a line in, one answer a line out.

Out     {"read": what it read, as JSON; "order": the names of all elements as fhir.resources
        itself writes them}, or {"refused": the kind of error}.
"""

import json
import sys

from fhir.resources.R4B import get_fhir_model_class
from lxml import etree


def names(xml: str | bytes) -> list[str]:
    return [etree.QName(one).localname for one in etree.fromstring(xml).iter(etree.Element)]


for line in sys.stdin:
    xml = json.loads(line).encode()
    try:
        kind = get_fhir_model_class(etree.QName(etree.fromstring(xml)).localname)
        read = kind.model_validate_xml(xml)
        order = names(read.model_dump_xml())
        answer = {"read": json.loads(read.model_dump_json()), "order": order}
    except Exception as error:  # noqa: BLE001 - whatever it is, the judge refuses
        answer = {"refused": type(error).__name__}
    sys.stdout.write(json.dumps(answer) + "\n")
