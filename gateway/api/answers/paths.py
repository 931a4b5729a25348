"""Addresses of the record: `{resource_type:record_type}` is one of its types, and nothing else is.

A path of another type is no address at all: 404, whatever is asked of it. What begins with `_` or
`$` is no id, but an interaction or operation.
"""

from typing import Final

from starlette.convertors import StringConvertor, register_url_convertor

from gateway.store.clear.search_table import PARAMETERS


class _Type(StringConvertor):
    regex = "|".join(PARAMETERS)


class _Id(StringConvertor):
    regex = "[^/_$][^/]*"


register_url_convertor("record_type", _Type())
register_url_convertor("record_id", _Id())
ID: Final = "{resource_id:record_id}"
OF_TYPE: Final = "/fhir/R4/{resource_type:record_type}"
INSTANCE: Final = f"{OF_TYPE}/{ID}"
