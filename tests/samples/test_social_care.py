"""The one published piece of Client Level Data: its headings."""

from mappings.social_care.message import cld


def test_every_published_heading_is_known(sample_folder):
    path = sample_folder("social-care", "cld") / "cld_r1_header_only.csv"
    body = path.read_bytes()
    assert cld.recognises({path.name: body})
    assert set(body.decode().strip().split(",")) <= set(cld.HEADINGS)
    assert list(cld.read({path.name: body})) == []
