"""What this gateway seals, opens, signs and believes, under Project Wycheproof's vectors: through
its own functions where a vector's message fits them, else with its own keys. What the vectors call
acceptable may be taken or not."""

import hmac
from collections import Counter

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jws import JWSRegistry

from gateway.audit.checkpoint import CheckpointError, Verifier
from gateway.auth import jose
from gateway.auth.jose import Parsed, TrustedKeys, check_signature
from gateway.errors import ConfigurationError, UnauthenticatedError
from gateway.store.keyring import hashing, keys
from gateway.store.keyring.keys import PURPOSES, FileKeyProvider, KeyUnavailableError, WrappedKey
from gateway.store.sealed import sealing
from gateway.store.sealed.sealing import DataKey, UnsealError, open_sealed, seal
from tests.judges.wycheproof import Case, NoVectorsError, Vectors

HEADER_BYTES = 5
"""Of sealed bytes, before the nonce."""


@pytest.fixture(scope="session")
def vectors(tmp_path_factory, unavailable) -> Vectors:
    try:
        return Vectors.fetched(tmp_path_factory.mktemp("vectors"))
    except NoVectorsError as reason:
        unavailable("go", str(reason))
        raise


def _of_our_sizes(cases) -> list[Case]:
    """Keys of 256 bits, nonces of 96 and tags of 128: no others are taken here."""
    sizes = {"keySize": 256, "ivSize": 96, "tagSize": 128}
    return [one for one in cases if sizes.items() <= one.group.items()]


def test_bytes_are_sealed_and_opened_as_the_vectors_of_aes_gcm_say(vectors, monkeypatch):
    """With a header of nothing, so that a vector's own associated data is all there is."""
    seen: Counter[bool] = Counter()
    for case in _of_our_sizes(vectors.cases("aes_gcm")):
        whole = DataKey.of(case.bytes_of("key"), 1)
        key = DataKey(whole.number, b"", whole.aead)
        aad, nonce = case.bytes_of("aad"), case.bytes_of("iv")
        closed = case.bytes_of("ct") + case.bytes_of("tag")
        sealed = bytes(HEADER_BYTES) + nonce + closed
        seen[case.is_good] += 1
        if case.is_good:
            assert open_sealed(key, sealed, aad) == case.bytes_of("msg"), case
            monkeypatch.setattr(sealing, "random_bytes", lambda _size, nonce=nonce: nonce)
            assert seal(key, case.bytes_of("msg"), aad) == nonce + closed, case
        else:
            with pytest.raises(UnsealError):
                open_sealed(key, sealed, aad)
    assert seen[True] > 20
    assert seen[False] > 20


def test_a_wrapped_key_opens_as_the_vectors_of_aes_gcm_say(vectors, monkeypatch):
    seen: Counter[bool] = Counter()
    for case in _of_our_sizes(vectors.cases("aes_gcm")):
        held = {purpose: {"k": case.bytes_of("key")} for purpose in PURPOSES}
        provider = FileKeyProvider(held, development=True)
        monkeypatch.setattr(keys, "_wrap_aad", lambda _owner, _kek, c=case: c.bytes_of("aad"))
        closed = case.bytes_of("iv") + case.bytes_of("ct") + case.bytes_of("tag")
        seen[case.is_good] += 1
        if case.is_good:
            assert provider.unwrap(WrappedKey("k", closed), "o") == case.bytes_of("msg"), case
        else:
            with pytest.raises(KeyUnavailableError):
                provider.unwrap(WrappedKey("k", closed), "o")
    assert min(seen.values()) > 20


def test_a_nonce_of_another_size_never_opens_anything(vectors):
    """Vectors of other nonces: the first bytes after the header are the nonce, whatever was
    meant."""
    others = [
        one
        for one in vectors.cases("aes_gcm")
        if one.group["keySize"] == 256 and one.group["ivSize"] != 96
    ]
    assert len(others) > 20
    for case in others:
        key = DataKey.of(case.bytes_of("key"), 1)
        sealed = key.header + case.bytes_of("iv") + case.bytes_of("ct") + case.bytes_of("tag")
        with pytest.raises(UnsealError):
            open_sealed(key, sealed, case.bytes_of("aad"))


def test_keyed_hashes_are_those_of_the_vectors_of_hmac(vectors):
    seen: Counter[bool] = Counter()
    for case in vectors.cases("hmac_sha256"):
        if case.group["tagSize"] == 256:
            keyed = hmac.new(case.bytes_of("key"), digestmod="sha256")
            made = hashing._digest(keyed, case.bytes_of("msg"))
            assert (made == case.bytes_of("tag")) is case.is_good, case
            seen[case.is_good] += 1
    assert min(seen.values()) > 20


def test_a_note_is_believed_as_the_vectors_of_ed25519_say(vectors):
    """Signatures that are too short or long, S not below L, low-order and changed points."""
    seen: Counter[bool] = Counter()
    for case in vectors.cases("ed25519"):
        public = bytes.fromhex(case.group["publicKey"]["pk"])
        verifier = Verifier("log", Ed25519PublicKey.from_public_bytes(public))
        try:
            text = case.bytes_of("msg").decode("utf-8")
        except UnicodeDecodeError:  # a note is text
            continue
        seen[case.is_good] += 1
        if case.is_good:
            assert verifier._checked(text, case.bytes_of("sig")) == text, case
        else:
            with pytest.raises(CheckpointError):
                verifier._checked(text, case.bytes_of("sig"))
    assert min(seen.values()) > 20


RAW = [
    ("ecdsa_secp256r1_sha256_p1363", "ES256", "publicKeyJwk"),
    ("ecdsa_secp384r1_sha384_p1363", "ES384", "publicKeyJwk"),
    ("rsa_signature_2048_sha256", "RS256", "keyJwk"),
    ("rsa_signature_2048_sha384", "RS384", "keyJwk"),
    ("rsa_signature_3072_sha384", "RS384", "keyJwk"),
]


@pytest.mark.parametrize(("name", "algorithm", "member"), RAW)
def test_signatures_of_tokens_are_checked_as_the_vectors_say(vectors, name, algorithm, member):
    """r and s of nothing, above the order, in another form; paddings that are nearly right. A key
    is read as a trusted issuer's is."""
    check = JWSRegistry.algorithms[algorithm].verify
    seen: Counter[bool] = Counter()
    for case in vectors.cases(name):
        if case.group.get(member) is None:  # a point of so few digits that it has no such form
            continue
        trusted = _trusted(case.group[member], algorithm)
        held = bool(check(case.bytes_of("msg"), case.bytes_of("sig"), trusted.keys["k"]))
        if case.is_good or case.is_bad:
            assert held is case.is_good, case
            seen[held] += 1
    assert min(seen.values()) > 5, seen


def _trusted(public, algorithm: str) -> TrustedKeys:
    return TrustedKeys.of({"keys": [{**public, "kid": "k"}]}, [algorithm])


OTHER = (346, 350)
"""Signed under another algorithm than their key says that it is for: that is refused here."""


def test_whole_tokens_are_believed_as_the_vectors_of_jws_say(vectors):
    """None that is bad is believed. Good ones are, where their algorithm is one that is taken."""
    seen: Counter[bool] = Counter()
    for case in vectors.cases("json_web_signature"):
        public = case.group.get("public")
        if not public or public.get("alg", "") not in jose.ALGORITHMS or case.own["tcId"] in OTHER:
            continue
        believed = _believed(case, public)
        seen[believed] += 1
        if case.is_good or case.is_bad:
            assert believed is case.is_good, case
    assert min(seen.values()) > 30, seen


def _believed(case: Case, public) -> bool:
    """Whether a token is, whatever it says: vectors hold words where claims stand here."""
    text = case.own["jws"]
    try:
        trusted = TrustedKeys.of({"keys": [public]}, [public["alg"]])
        header = jose._object(text.split(".")[0])
        if not header.keys() <= jose._HEADER_MEMBERS:
            return False
        check_signature(Parsed(text, {"kid": public["kid"], **header}, {}), trusted, {"", "jwt"})
    except (ConfigurationError, UnauthenticatedError, AttributeError):
        return False
    return True
