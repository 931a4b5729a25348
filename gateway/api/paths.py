"""Parts of a path that can only be one thing, so that the busiest routes may be tried first.

`{resource_type:record_type}` is a type of the record, `{resource_id:fhir_id}` a resource's id.
"""

from typing import Final

from starlette.convertors import StringConvertor, register_url_convertor

from gateway.api.search_params import PARAMETERS


class _Type(StringConvertor):
    regex = "|".join(PARAMETERS)


class _Id(StringConvertor):
    regex = r"[A-Za-z0-9\-.]{1,64}"


register_url_convertor("record_type", _Type())
register_url_convertor("fhir_id", _Id())
OF_TYPE: Final = "/fhir/R4/{resource_type:record_type}"
INSTANCE: Final = f"{OF_TYPE}/{{resource_id:fhir_id}}"
