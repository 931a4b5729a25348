"""A FHIR resource as XML, from its JSON: elements in the order of the official tables.

In      a resource as read from JSON; a decimal as the text it was written in.
Out     UTF-8 bytes. What XML cannot hold (a lone surrogate, a control character) is written as
        the replacement character; a narrative that is no well-formed XML, as its plain text.
Source  http://hl7.org/fhir/R4/xml.html
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from html.entities import html5
from itertools import zip_longest
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from mappings.core.checking.shapes import Field, Shape, shape_of

_NAMESPACE: Final = "http://hl7.org/fhir"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITY: Final = re.compile(r"&(\w+;)")
_TAG: Final = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_OWN_ENTITIES: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


def to_xml(resource: Mapping[str, Any]) -> bytes:
    """The document."""
    name = resource["resourceType"]
    inside = "".join(_children(resource, name))
    text = f'<?xml version="1.0" encoding="UTF-8"?><{name} xmlns="{_NAMESPACE}">{inside}</{name}>'
    return text.encode()


def _children(node: Mapping[str, Any], kind: str) -> Iterator[str]:
    """The elements inside a resource or a part of one, in order."""
    inner = _inner(kind)
    names = {name.removeprefix("_") for name in node}
    for _, field in sorted(inner[name] for name in names if name in inner):
        name = field.name
        values, beside = node.get(name), node.get(f"_{name}")
        if not field.many:
            yield _element(field, values, beside)
            continue
        for value, extra in zip_longest(values or (), beside or ()):
            yield _element(field, value, extra)


@cache
def _inner(kind: str) -> Mapping[str, tuple[int, Field]]:
    """Of each element that stands inside a type: its place and its field."""
    shape = shape_of(kind)
    return {
        name: (place, field)
        for place, (name, field) in enumerate(shape.fields.items())
        if not _is_attribute(field, shape)
    }


def _is_attribute(field: Field, shape: Shape) -> bool:
    """`id` of anything but a resource, and the `url` of an extension."""
    if field.name == "id":
        return not shape.is_resource
    return field.name == "url" and shape is shape_of("Extension")


def _attributes(node: Mapping[str, Any], *names: str) -> str:
    return "".join(f" {name}={_quoted(node[name])}" for name in names if name in node)


def _element(field: Field, value: Any, extra: Mapping[str, Any] | None) -> str:
    name = field.name
    if field.type == "xhtml":
        return _narrative(value)
    if field.type == "Resource":
        kind = value["resourceType"]
        inside = "".join(_children(value, kind))
        return f"<{name}><{kind}>{inside}</{kind}></{name}>"
    if field.find_fault is not None:
        return _primitive(name, value, extra or {})
    inside = "".join(_children(value, field.type))
    names = ("id", "url") if field.type == "Extension" else ("id",)
    given = _attributes(value, *names)
    return f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>"


def _primitive(name: str, value: Any, extra: Mapping[str, Any]) -> str:
    text = "" if value is None else f" value={_quoted(value)}"
    inside = "".join(_children(extra, "Element"))
    opening = f"<{name}{_attributes(extra, 'id')}{text}"
    return f"{opening}>{inside}</{name}>" if inside else f"{opening}/>"


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        return '"true"' if value else '"false"'
    return quoteattr(_writable(str(value)))


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)


def _narrative(div: str) -> str:
    """The narrative's own XHTML; HTML's named characters are none of XML."""
    text = _ENTITY.sub(_character, _writable(div)).strip()
    try:
        fromstring(text)
    except (ParseError, DefusedXmlException):
        plain = escape(" ".join(_TAG.sub(" ", text).split()))
        return f'<div xmlns="{_XHTML}"><p>{plain}</p></div>'
    return text


def _character(found: re.Match[str]) -> str:
    name = found[1]
    return found[0] if name in _OWN_ENTITIES else escape(html5.get(name, found[0]))
