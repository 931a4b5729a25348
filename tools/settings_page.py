"""docs/settings.md: every setting, from the class that reads them.

Out     Markdown; a setting that is added there is on the page, with its default and meaning.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.setting_parts import MllpListener, MllpSource
from gateway.settings import (
    PREFIX,
    KeyService,
    Limits,
    Mllp,
    Rates,
    Settings,
    TrustedIssuer,
    Witness,
    is_secret,
)
from gateway.sources import FolderSource, GpConnectSource, HospitalProfile

_HEAD: Final = f"""\
# Settings

Generated from `gateway/settings.py` and `gateway/setting_parts.py`; change it there, then run
`python -m tools.write_docs`.

A setting is, in this order of weight: an environment variable `{PREFIX}NAME`; the same line in a
file `.env` in the working directory; a file `/run/secrets/{PREFIX.lower()}name` that holds the
value alone.
`care-gateway config show` prints each value and where it comes from; secrets as `****`.
`care-gateway check` names variables that begin with `{PREFIX}` and are no setting: a misspelt one
changes nothing.

In production (`{PREFIX}ENVIRONMENT=production`) the gateway refuses to start with SQLite, with
a key file made for development, with the development issuer, without an on-call number, or with an
issuer or base address that is not https. The message names the setting and never repeats its value.

On Kubernetes a Service called `gateway` makes variables such as `{PREFIX}PORT`: set
`enableServiceLinks: false`.
"""
_LIMIT: Final = next(iter(Limits.model_fields))
_LIMIT_DEFAULT: Final = Limits.model_fields[_LIMIT].default
_LIMITS: Final = f"""\
## Limits

Each is a variable of its own, such as `{PREFIX}LIMITS__{_LIMIT.upper()}={_LIMIT_DEFAULT}`.
"""
_RATES: Final = """\
## Rates

So many a minute; a minute's worth may come at once. Above it the answer is 429 with `Retry-After`;
0 is without a limit. Each process counts for itself, in memory. Behind a proxy name it in
`FORWARDED_ALLOW_IPS` (the HTTP server's own variable): else all who come by it are one address.
"""
_KEY_SERVICE: Final = f"""\
## Key service

Without it data keys are wrapped by the key file. With it HashiCorp Vault's or OpenBao's transit
engine wraps them; what the file wrapped is opened by it until `care-gateway keys rotate --rewrap`.
All other keys stay in the file. The key's type is one that binds whose each data key is
(`aes256-gcm96`); the token may `encrypt` and `decrypt` with it, read it, and, for
`care-gateway keys rotate`, rotate it.

```json
{{"url": "https://vault.example:8200", "key": "care-gateway",
 "token_file": "/run/secrets/vault_token"}}
```

`{PREFIX}KEY_SERVICE` is such a JSON object:
"""
_ISSUERS: Final = f"""\
## Trusted issuers

`{PREFIX}TRUSTED_ISSUERS` is a JSON array. Each element has `jwks` or `jwks_file`: keys are
pinned, and nothing is ever fetched.

```json
[
  {{
    "issuer": "https://sign-in.example",
    "jwks_file": "/etc/gateway/sign-in.jwks.json",
    "kinds": ["staff"]
  }}
]
```
"""
_MLLP: Final = f"""\
## MLLP

`care-gateway mllp` takes HL7 v2 at these addresses. A message carries no token: the source is
whoever a listener's setting names. A plain listener has one source, so let nobody else reach its
address. With TLS (1.2 or later) each caller shows a certificate that the authority signed, and its
subject, exactly as written here, names the source; any other is refused.

`{PREFIX}MLLP__LISTENERS` is a JSON array:

```json
[
  {{"host": "10.1.2.3", "port": 2575, "sources": [{{"system": "pas-tie", "org": "RAX"}}]}},
  {{
    "host": "0.0.0.0",
    "port": 2576,
    "certificate_file": "/run/secrets/mllp_certificate.pem",
    "private_key_file": "/run/secrets/mllp_key.pem",
    "client_authority_file": "/run/secrets/mllp_client_authority.pem",
    "sources": [
      {{"system": "tie-rxx", "org": "RXX", "subject": "CN=tie.rxx.example,O=Example Trust,C=GB"}}
    ]
  }}
]
```
"""
_SOURCES: Final = f"""\
## Sources

`{PREFIX}SOURCES_FILE` names a TOML file, read as a process starts: what does not push and is
pulled, by `care-gateway worker` or `care-gateway feed pull`, and what is peculiar to senders of
HL7 v2. Each row says who looked at it. `care-gateway check` reads the file,
`care-gateway feed list` shows it with how each source went.

```toml
[[source]]
name = "council-drop"
reviewed = "A. Nurse, 2026-11-20"
kind = "folder"
feed = "social-care"
org = "X1K01"
folder = "/srv/sftp/x1k01"
every_minutes = 15

[[source]]
name = "elm-crescent"
reviewed = "A. Nurse, 2026-11-20"
kind = "gp-connect"
feed = "gp"
org = "H85901"
base_url = "https://proxy.example/https://practice.example/gpconnect/fhir"
daily_at = "02:30"
from_asid = "200000000115"
to_asid = "200000000116"
consumer_org = "X1K01"
consumer_name = "Borough care record"
consumer_url = "https://gateway.example"
practitioner = {{ user_id = "555", role_profile_id = "444", family = "Able", given = "Ann" }}
certificate_file = "/run/secrets/spine_certificate.pem"
private_key_file = "/run/secrets/spine_key.pem"
authority_file = "/etc/gateway/spine_authority.pem"

[[hospital]]
name = "Odd PAS"
reviewed = "A. Nurse, messages of November 2026"
applications = ["ODDPAS"]
authority = "RAX"
time_zone = "UTC"
z_segments = {{ ZCN = "ZU8" }}
appointment_states = {{ ARR = "Started" }}
systems = ["pas-tie"]
answers = "commit"
```

A source of kind `folder`:
"""
_WITNESSES: Final = f"""\
## Witnesses

Nothing inside the gateway keeps whoever runs it from rewriting the audit log as a whole. So its
signed checkpoints leave the building: the worker makes one a minute (or after a thousand entries)
and gives it to every witness, again and again until it is taken. `GET /status` says how far behind
each is. A folder is given a file `checkpoint-SIZE.txt` for each; an address a POST of the same
text; a mailbox a message with it, one an hour, over an encrypted connection. A password stands in
`token_file`.

```json
[
  {{"name": "neighbour-trust", "url": "https://witness.example/care-gateway",
   "token_file": "/run/secrets/witness_token"}},
  {{"name": "board-secretary", "folder": "/srv/checkpoints"}},
  {{"name": "caldicott-guardian", "mail_to": "guardian@trust.example",
   "mail_from": "gateway@trust.example", "mail_server": "smtp://mail.trust.example:587"}}
]
```

`{PREFIX}WITNESSES` is such a JSON array. A witness:
"""
_PRACTICE: Final = "A source of kind `gp-connect`:\n"
_SENDER: Final = "A sender of HL7 v2 (`[[hospital]]`):\n"
_LISTENER: Final = "A listener:\n"
_SOURCE: Final = "A source:\n"


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            _HEAD,
            "## All settings\n",
            _table(_rows(Settings.model_fields, PREFIX)),
            _LIMITS,
            _table(_rows(Limits.model_fields, f"{PREFIX}LIMITS__")),
            _RATES,
            _table(_rows(Rates.model_fields, f"{PREFIX}RATES__")),
            _KEY_SERVICE,
            _table(_rows(KeyService.model_fields, "")),
            _ISSUERS,
            _table(_rows(TrustedIssuer.model_fields, "")),
            _MLLP,
            _table(_rows(Mllp.model_fields, f"{PREFIX}MLLP__")),
            _LISTENER,
            _table(_rows(MllpListener.model_fields, "")),
            _SOURCE,
            _table(_rows(MllpSource.model_fields, "")),
            _WITNESSES,
            _table(_rows(Witness.model_fields, "")),
            _SOURCES,
            _table(_rows(FolderSource.model_fields, "")),
            _PRACTICE,
            _table(_rows(GpConnectSource.model_fields, "")),
            _SENDER,
            _table(_rows(HospitalProfile.model_fields, "")),
        ]
    )


def _rows(fields: Mapping[str, FieldInfo], prefix: str) -> Iterable[tuple[str, ...]]:
    for name, field in fields.items():
        shown = f"{prefix}{name.upper()}" if prefix else name
        secret = " (secret)" if prefix == PREFIX and is_secret(name) else ""
        yield f"`{shown}`{secret}", _values(field.annotation), _default(field), _says(field)


def _values(annotation: Any) -> str:
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) is not None and parts and not isinstance(annotation, type):
        if all(isinstance(part, str) for part in parts):
            return " or ".join(f"`{part}`" for part in parts)
        if len(parts) == 1:
            return _values(parts[0])
        return "JSON"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "JSON"
    members = getattr(annotation, "__members__", None)
    if members:
        return " or ".join(f"`{member.value}`" for member in members.values())
    words = {
        "int": "a whole number",
        "float": "a number",
        "bool": "`true` or `false`",
        "Path": "a path",
    }
    return words.get(getattr(annotation, "__name__", ""), "text")


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "needed"
    if value is None or value == "" or value in ((), {}) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


def _says(field: FieldInfo) -> str:
    return field.description or ""


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    heads = ("setting", "takes", "default", "meaning")
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join("| " + " | ".join(line).replace("\n", " ") + " |\n" for line in lines)
