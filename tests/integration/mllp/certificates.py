"""Certificates for these tests: an authority, the server's, and those of senders."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_BEGIN: Final = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Files:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates, and is itself a file."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        made = self._builder(self._name, self._key.public_key(), _BEGIN + timedelta(days=36500))
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file = folder / f"{name}.pem"
        self._write(self.file, made)

    def sign(self, name: str, days: int = 36500) -> Files:
        """A certificate of that common name for this machine."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._builder(_named(name), key.public_key(), _BEGIN + timedelta(days=days))
        here = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        files = Files(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        self._write(files.certificate, made.add_extension(here, critical=False))
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    def _builder(
        self, subject: x509.Name, public: ec.EllipticCurvePublicKey, until: datetime
    ) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
        made = made.public_key(public).serial_number(x509.random_serial_number())
        return made.not_valid_before(_BEGIN).not_valid_after(until)

    def _write(self, file: Path, made: x509.CertificateBuilder) -> None:
        signed = made.sign(self._key, hashes.SHA256())
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _named(name: str) -> x509.Name:
    """`CN=...,O=Care`, as RFC 4514 writes it: the last part first."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Care"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
