"""Is this text a FHIR narrative? Invariants txt-1 and txt-2, and nothing that runs or fetches.

In      the text of `Narrative.div`.
Out     our words for what is wrong, or None.
Source  FHIR R4 narrative.html: basic formatting of XHTML 1.0; no scripts or forms.
"""

import re
from typing import Final

_ELEMENTS: Final = """
a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em
h1 h2 h3 h4 h5 h6 hr i img li ol p pre q samp small span strong sub sup table tbody td
tfoot th thead tr tt ul var
"""
_ATTRIBUTES: Final = """
abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset
cite class colspan compact coords dir frame headers height href hreflang hspace id lang
longdesc name nowrap rel rev rowspan rules scope shape span src start style summary
tabindex title type valign value vspace width xml:lang xml:space xmlns
"""
_ALLOWED_ELEMENTS: Final = frozenset(_ELEMENTS.split())
_ALLOWED_ATTRIBUTES: Final = frozenset(_ATTRIBUTES.split())
_LINKS: Final = frozenset({"href", "src", "longdesc", "cite"})
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_LINK: Final = re.compile(
    r"(?:https?:|ftps?:|mailto:|tel:|urn:|#|data: ?image/)\S*|[^:\s&]*", re.ASCII
)
_FETCHING: Final = re.compile(r"url|expression|import|behaviou?r|binding|[\\&@]", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"""(?P<text>[^<&]++)
    |&(?P<entity>\#[0-9]{1,7}|\#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});
    |<!--(?:[^-]|-(?!-))*+-->
    |</(?P<close>[a-z][a-z0-9]*)\s*+>
    |<(?P<open>[a-z][a-z0-9]*)
      (?P<attributes>(?:\s++[a-z:]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+)\s*+(?P<empty>/?)>
    """,
    re.VERBOSE,
)
_ATTRIBUTE: Final = re.compile(r"""([a-z:]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")


def narrative_problem(value: object) -> str | None:
    """What keeps this from being a narrative, or None."""
    if not isinstance(value, str):
        return "must be text"
    text = value.strip()
    end, content = 0, False
    waiting: list[str] = []
    while end < len(text):
        token = _TOKEN.match(text, end)
        if token is None:
            return "must be well-formed XHTML"
        if not waiting and (end > 0 or not _is_root(token)):
            return "must be one XHTML div with its namespace"
        end = token.end()
        if wrong := _follow(token, waiting):
            return wrong
        content = content or _is_content(token)
    if waiting or not text:
        return "must be one XHTML div with its namespace"
    return None if content else "must hold text or an image"


def _is_root(token: re.Match[str]) -> bool:
    return token["open"] == "div" and ("xmlns", _XHTML) in _attributes(token)


def _is_content(token: re.Match[str]) -> bool:
    return bool(token["entity"] or token["open"] == "img" or (token["text"] or "").strip())


def _follow(token: re.Match[str], waiting: list[str]) -> str | None:
    """Keep `waiting`, the open elements, and say what is wrong with this token."""
    if token["close"] and (not waiting or waiting.pop() != token["close"]):
        return "must close every element in order"
    if not token["open"]:
        return None
    if token["open"] not in _ALLOWED_ELEMENTS:
        return "may hold only basic formatting"
    if not all(_allowed(name, value) for name, value in _attributes(token)):
        return "may hold only the attributes and links of basic formatting"
    if not token["empty"]:
        waiting.append(token["open"])
    return None


def _attributes(token: re.Match[str]) -> list[tuple[str, str]]:
    return [(m[1], m[2] or m[3] or "") for m in _ATTRIBUTE.finditer(token["attributes"])]


def _allowed(name: str, value: str) -> bool:
    if name not in _ALLOWED_ATTRIBUTES:
        return False
    if name == "style":
        return not _FETCHING.search(value)
    return name not in _LINKS or bool(_LINK.fullmatch(value))
