"""What the header says of a certificate, and what it does not."""

import base64

import pytest

from gateway.auth.certificates import thumbprint

DER = b"\x30\x82certificate"
SENT = f":{base64.b64encode(DER).decode()}:"


def test_it_is_named_as_tokens_name_it():
    # printf '\x30\x82certificate' | sha256sum, in base64url
    assert thumbprint([SENT]) == "tAcVxS5NXf3KaOPQN0rhGmvJI8Q9mBHcmq-ZKCzNrz0"


@pytest.mark.parametrize(
    "values",
    [
        [],
        [SENT, SENT],
        [""],
        [":"],
        ["::"],
        [SENT[1:]],
        [SENT[:-1]],
        [":%:"],
        [":é:"],
        [f" {SENT}"],
    ],
)
def test_what_is_not_one_certificate_is_none(values):
    assert thumbprint(values) == ""
