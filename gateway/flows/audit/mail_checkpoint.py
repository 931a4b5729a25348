"""A checkpoint of the log by e-mail: size, root and signature, of nobody.

In      Whom it goes to, by which mail server; the signed text.
Out     One message, taken by the server. Its subject is the log's name and size alone.
Rule    The connection is encrypted, and the server proves who it is; on this machine alone
        neither is asked for.
Errors  OSError, of which those of smtplib are; ValueError for an address that is none.
"""

import smtplib
import ssl
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlsplit

from gateway.setting_parts import Witness
from gateway.store.audit.published import Published

SECONDS: Final = 10.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_USUAL: Final = {"smtp": 587, "smtps": 465}
_WORDS: Final = (
    "A signed statement of an audit log's size and root, to be kept. It names nobody.\n\n"
)


def mail_checkpoint(one: Witness, made: Published) -> None:
    """Give the checkpoint to the witness's mail server."""
    parts = urlsplit(one.mail_server)
    host, port = parts.hostname or "", parts.port or _USUAL[parts.scheme]
    local = host in _LOOPBACK
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS)
    with server:
        if parts.scheme == "smtp" and not local:
            server.starttls(context=ssl.create_default_context())
        if one.token_file is not None:
            server.login(one.mail_user, one.token_file.read_text(encoding="utf-8").strip())
        server.send_message(message(one, made))


def message(one: Witness, made: Published) -> EmailMessage:
    """The message: the signed text as it is, after a line of words."""
    name = made.note.partition("\n")[0]
    mail = EmailMessage()
    mail["From"], mail["To"] = one.mail_from, one.mail_to
    mail["Subject"] = f"Checkpoint {made.size} of {name}"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_WORDS)
    file = f"checkpoint-{made.size:012}.txt"
    mail.add_attachment(made.note, charset="utf-8", cte="base64", filename=file)
    return mail
