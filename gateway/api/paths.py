"""Addresses of the record: `{resource_type:record_type}` is one of its types, and nothing else is.

A path of another type is no address at all: 404, whatever is asked of it.
"""

from typing import Final

from starlette.convertors import StringConvertor, register_url_convertor

from gateway.store.search_table import PARAMETERS


class _Type(StringConvertor):
    regex = "|".join(PARAMETERS)


register_url_convertor("record_type", _Type())
OF_TYPE: Final = "/fhir/R4/{resource_type:record_type}"
INSTANCE: Final = f"{OF_TYPE}/{{resource_id}}"
