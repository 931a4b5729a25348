"""Another's reader finds in our XML what stands in the JSON, element by element, in order."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree

from gateway.api.answers.fhir_xml import to_xml
from mappings.core.checking import fhir
from mappings.core.checking.validate import validate
from tests.judges import apart
from tests.judges.examples import GOOD, NARRATIVE
from tests.judges.test_judges import uk_core

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.fixture(scope="session")
def read_xml(unavailable):
    try:
        python = apart.python_of("xml")
    except apart.JudgeUnavailableError as reason:
        unavailable("judges", str(reason))

    def read(documents: list[bytes]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(one.decode()) + "\n" for one in documents)
        command = [str(python), "-W", "ignore", str(HERE / "xml" / "read.py")]
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return read


def names(xml: bytes) -> list[str]:
    return [one.tag.rpartition("}")[2] for one in ElementTree.fromstring(xml).iter()]


def golden_resources():
    """What the feeds make of every golden case, as far as it stands alone."""
    for path in sorted(GOLDEN.glob("*/*/expected.json")):
        found = _resources(json.loads(path.read_text("utf-8")))
        yield from (one for one in found if validate(one) == ())


def _resources(value):
    if isinstance(value, dict):
        if isinstance(value.get("resourceType"), str):
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _resources(inner)


def as_library_says(resource):
    said = json.loads(fhir.to_r4(resource).model_dump_json())
    if "text" in said:  # space around the narrative is none of it
        said["text"]["div"] = said["text"]["div"].strip()
    return said


def judge(read_xml, resources):
    documents = [to_xml(resource) for resource in resources]
    answers = read_xml(documents)
    assert len(answers) == len(resources)
    for resource, document, answer in zip(resources, documents, answers, strict=True):
        assert answer.get("read") == as_library_says(resource), document.decode()
        assert names(document) == answer["order"], document.decode()


def test_our_examples_are_read_as_they_stand(read_xml):
    judge(read_xml, list(GOOD))


def test_what_the_feeds_make_is_read_as_it_stands(read_xml, whole):
    found = list(golden_resources())
    assert len(found) > 100
    judge(read_xml, found if whole else found[::7])


def test_uk_cores_examples_are_read_as_they_stand(read_xml, shared_folder):
    served = [one for one in uk_core(shared_folder).values() if not fhir_refuses(one)]
    assert served
    judge(read_xml, served)


def fhir_refuses(resource):
    try:
        to_xml(resource)
        fhir.to_r4(resource)
    except (KeyError, fhir.NotFhirError):
        return True
    return False


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("<a> & \"b\" 'c'", "<a> & \"b\" 'c'"),
        ("two\nlines\tand\r", "two\nlines\tand\r"),
        ("x\x0by\ufffez", "x\ufffdy\ufffdz"),
        ("\U0001f600 \u2028 é", "\U0001f600 \u2028 é"),
    ],
)
def test_any_text_makes_xml_that_reads_as_it_was(said, read):
    document = to_xml({"resourceType": "Flag", "code": {"text": said}})
    (text,) = ElementTree.fromstring(document).iter("{http://hl7.org/fhir}text")
    assert text.get("value") == read


@pytest.mark.parametrize(
    ("div", "text"),
    [
        (NARRATIVE, "Back home\u00a0safely"),
        (DIV.format("a&nbsp;b &euro; &amp; &lt;i&gt;"), "a\u00a0b € & <i>"),
        (DIV.format("a &nosuch; b &AMP;"), "a &nosuch; b &"),
        (DIV.format("a <p class='x' class='y'>b</p>"), "a b"),
        (DIV.format("a &#0; <b>c</b>"), "a &#0; c"),
    ],
)
def test_any_narrative_makes_xml(div, text):
    document = to_xml({"resourceType": "Flag", "text": {"status": "generated", "div": div}})
    (shown,) = ElementTree.fromstring(document).iter("{http://www.w3.org/1999/xhtml}div")
    assert "".join(shown.itertext()) == text


def test_a_narrative_declares_no_entity():
    bomb = '<!DOCTYPE div [<!ENTITY a "aaaa">]>' + DIV.format("x &a;")
    document = to_xml({"resourceType": "Flag", "text": {"status": "generated", "div": bomb}})
    assert b"<!DOCTYPE" not in document
    ElementTree.fromstring(document)


def test_ids_and_addresses_of_extensions_are_attributes():
    document = to_xml(
        {
            "resourceType": "Flag",
            "id": "f",
            "code": {"id": "c", "text": "x", "_text": {"id": "t"}},
            "extension": [{"url": "https://example.org/a", "id": "e", "valueBoolean": False}],
        }
    ).decode()
    assert '<id value="f"/><extension id="e" url="https://example.org/a">' in document
    assert '<code id="c"><text id="t" value="x"/></code>' in document
    assert '<valueBoolean value="false"/>' in document
