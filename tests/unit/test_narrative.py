"""A narrative is basic formatting and nothing that runs, fetches or breaks out of it."""

import pytest

from mappings.core.checking.narrative import narrative_problem

XMLNS = 'xmlns="http://www.w3.org/1999/xhtml"'


def div(inside):
    return f"<div {XMLNS}>{inside}</div>"


@pytest.mark.parametrize(
    "text",
    [
        div("a"),
        "<div xmlns='http://www.w3.org/1999/xhtml' lang='en-GB'>a</div>\n",
        div("<p>a<br/>b</p><!-- a - b --><table><tr><td colspan='2'>c</td></tr></table>"),
        div("&amp;&#160;&#xA0;&nbsp;"),
        div('<a href="https://nhs.uk/a?b=1">a</a><a href="#b">b</a><a href="c/d">c</a>'),
        div('<a href="ftp://files.example/a">a</a><a href="urn:oid:1.2.3">b</a>'),
        div('<img src="data:image/png;base64,aaaa" alt="" />'),
        div('<img src="data: image/png;base64,aaaa"/>'),
        div('<p style="color: red">a</p>'),
    ],
)
def test_basic_formatting_is_accepted(text):
    assert narrative_problem(text) is None


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "a",
        "<div>a</div>",
        f"<p {XMLNS}>a</p>",
        div(""),
        div(" <p> </p> "),
        div("a") + "b",
        div("a") + div("b"),
        f"<div {XMLNS}>a",
        div("<p>a"),
        div("<p><b>a</p></b>"),
        div("a</div>"),
        div("a < b"),
        div("a & b"),
        div("<P>a</P>"),
        div("<p class=a>a</p>"),
        div("<script>a</script>"),
        div("<form>a</form>"),
        div("<iframe src='https://a'>a</iframe>"),
        div("<p onclick='a'>a</p>"),
        div("<a href='javascript:a'>a</a>"),
        div("<a href='&#106;avascript:a'>a</a>"),
        div("<a href=' javascript:a'>a</a>"),
        div("<img src='data:text/html,a'/>"),
        div("<img src='data: text/html,a'/>"),
        div("<p style='background: url(https://a)'>a</p>"),
        div("<p style='background: u\\72l(https://a)'>a</p>"),
        div("<?php a ?>"),
        div("<![CDATA[a]]>"),
        "<!DOCTYPE a [<!ENTITY b 'c'>]>" + div("&b;"),
    ],
)
def test_anything_else_is_refused(text):
    assert narrative_problem(text)


def test_long_hostile_text_is_refused_in_one_pass():
    assert narrative_problem(div("<p " * 100_000))
    assert narrative_problem(div("<" + "a" * 100_000))
    assert narrative_problem(div("<!--" + "-" * 100_000))
    assert narrative_problem(div("&" * 100_000))
