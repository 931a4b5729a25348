"""What a notice says: that something has changed, or was left as a message, by whom, and to whom.

In      Who tells it, of what, to which organisation; its desk and when that is open.
Out     A Communication that refers to what it is about, and a Task to look at it.
Rule    References and organisations, and no word of what changed; of a message its words.
Pure    Values in, values out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.clock import instant, to_micros
from gateway.flows.site.service_open import Desk
from gateway.store.clear import precise
from gateway.store.labels.labelling import with_labels
from mappings.core.shaping.identifiers import organisation

AUTHOR: Final = "care-gateway"
_CATEGORY: Final = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/communication-category",
            "code": "notification",
        }
    ]
}
_CHANGED: Final = "Something has changed in this plan"


@dataclass(frozen=True, slots=True)
class News:
    """What an organisation is to know."""

    person_id: str
    by: str
    to: str
    about: tuple[str, ...]
    """`Type/id` of each."""
    desk: Desk | None
    at: datetime
    topic: str = _CHANGED
    message: str = ""


def bodies(
    news: News, names: tuple[str, str], given: tuple[str, str], labels: Sequence[Any]
) -> list[dict[str, Any]]:
    """The Communication and the Task, under these ids, with the labels of what changed."""
    return [_labelled(made, labels) for made in (_news(news, names), _look(news, names, given))]


def _labelled(body: Mapping[str, Any], labels: Sequence[Any]) -> dict[str, Any]:
    made: dict[str, Any] = precise.loads(with_labels(precise.dumps(body), labels))
    return made


def _news(news: News, names: tuple[str, str]) -> dict[str, Any]:
    return {
        "resourceType": "Communication",
        "id": names[0],
        "meta": {},
        "status": "completed",
        "category": [_CATEGORY],
        "subject": {"reference": f"Patient/{news.person_id}"},
        "topic": {"text": news.topic},
        **({"about": [{"reference": one} for one in news.about]} if news.about else {}),
        "sent": instant(to_micros(news.at)),
        "recipient": [organisation(news.to)],
        **({"sender": organisation(news.by)} if news.by else {}),
        **({"payload": [{"contentString": news.message}]} if news.message else {}),
    }


def _look(news: News, names: tuple[str, str], given: tuple[str, str]) -> dict[str, Any]:
    owner = organisation(news.to)
    opens: dict[str, Any] = {}
    if news.desk is not None:
        owner["display"] = news.desk.name
        if news.desk.opens is not None:
            start = instant(to_micros(news.desk.opens))
            opens = {"restriction": {"period": {"start": start}}}
    return {
        "resourceType": "Task",
        "id": names[1],
        "meta": {},
        "identifier": [{"system": given[0], "value": given[1]}],
        "status": "requested",
        "intent": "order",
        "code": {"text": news.topic},
        "focus": {"reference": f"Communication/{names[0]}"},
        "for": {"reference": f"Patient/{news.person_id}"},
        "authoredOn": instant(to_micros(news.at)),
        **({"requester": organisation(news.by)} if news.by else {}),
        "owner": owner,
        **opens,
    }
