"""What the files of a site say, row by row: its places, organisations, services and staff.

Out     One class for each kind of entry. What a field must be stands in its description, and is
        what a reviewer is told of one that is not.
Rule    Nothing here is of a person's record. Of staff it is what a colleague needs: name, post,
        and how to reach them at work; there is no field for anything of home.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from consent.feeds import Feature
from gateway.flows.site.site_hours import closed_of, shift_of
from gateway.setting_parts import Part

_SLUG: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
_ODS: Final = r"^[A-Z0-9][A-Z0-9-]{0,19}$"
_PHONE: Final = r"^(\+?[0-9][0-9 ]{2,18}[0-9])?$"
_EMAIL: Final = r"^([^@\s]+@[^@\s]+)?$"
_NUMBER: Final = r"^([A-Za-z0-9]{4,20})?$"


def _shift(line: str) -> str:
    shift_of(line)
    return " ".join(line.split())


def _closed(text: str) -> str:
    closed_of(text)
    return " ".join(text.split())


Line = Annotated[str, AfterValidator(_shift)]
ClosedDays = Annotated[str, AfterValidator(_closed)]
Method = Literal["phone", "elec", "semail", "mail", "fax"]
METHODS: Final[dict[Method, str]] = {
    "phone": "By telephone",
    "elec": "Electronically",
    "semail": "By secure e-mail",
    "mail": "By post",
    "fax": "By fax",
}


class _Named(Part):
    name: str = Field(min_length=1, max_length=200, description="a name")


class _Reached(_Named):
    phone: str = Field("", pattern=_PHONE, description="a telephone number: digits and spaces")
    email: str = Field("", pattern=_EMAIL, description="an e-mail address")


class Borough(_Named):
    """The whole of the site."""

    id: str = Field(pattern=_SLUG, description="an id of small letters, digits and hyphens")


class Locality(_Named):
    """Part of the borough round which teams are built."""

    id: str = Field(pattern=_SLUG, description="an id of small letters, digits and hyphens")
    feeds_off: tuple[str, ...] = Field((), description="a list of feeds")
    features_off: tuple[Feature, ...] = Field(
        (), description=f"a list of features: {', '.join(Feature)}"
    )


class Practice(_Reached):
    """A general practice."""

    ods: str = Field(pattern=_ODS, description="an ODS code, in capitals")
    locality: str = Field(description="the id of a locality")
    address: str = Field("", max_length=300, description="an address in one line")


class Mdt(_Reached):
    """A team of several professions round a practice."""

    id: str = Field(pattern=_SLUG, description="an id of small letters, digits and hyphens")
    practice: str = Field(description="the ODS code of a practice")


class Organisation(_Reached):
    """An organisation that is no practice."""

    ods: str = Field(pattern=_ODS, description="an ODS code, in capitals")
    kind: str = Field(description="a kind of organisation")
    part_of: str = Field("", description="the ODS code of an organisation")
    address: str = Field("", max_length=300, description="an address in one line")


class Service(_Reached):
    """What an organisation does for people: when, where, and the way in."""

    id: str = Field(pattern=_SLUG, description="an id of small letters, digits and hyphens")
    kind: str = Field(description="a kind of service")
    organisation: str = Field(description="the ODS code of an organisation or a practice")
    localities: tuple[str, ...] = Field((), description="a list of localities; empty: all")
    hours: tuple[Line, ...] = Field((), description="a list of days and times")
    closed: tuple[ClosedDays, ...] = Field((), description="a list of dates")
    methods: tuple[Method, ...] = Field(
        (), description=f"a list of ways to refer: {', '.join(METHODS)}"
    )
    way_in: str = Field("", max_length=1000, description="how to ask for it, in a few words")
    for_whom: str = Field("", max_length=1000, description="whom it is for, in a few words")


class Practitioner(_Named):
    """A member of staff, by the name they work under."""

    id: str = Field(pattern=_SLUG, description="an id of small letters, digits and hyphens")
    family: str = Field(min_length=1, max_length=100, description="a family name")
    given: str = Field("", max_length=100, description="a given name")
    title: str = Field("", max_length=20, description="a title, such as Dr")
    user_id: str = Field("", pattern=_NUMBER, description="an SDS user id: letters and digits")
    gmc_number: str = Field("", pattern=_NUMBER, description="a number of the GMC's register")


class Post(_Reached):
    """What a member of staff does, for which organisation, and how to reach them at work; its
    name is that of the job."""

    id: str = Field(pattern=_SLUG, description="an id of small letters, digits and hyphens")
    practitioner: str = Field(description="the id of a practitioner")
    organisation: str = Field(description="the ODS code of an organisation or a practice")
    services: tuple[str, ...] = Field((), description="a list of services")
    starts: date | None = Field(None, description="the first day of the post")
    ends: date | None = Field(None, description="the last day of the post")


Kind = Borough | Locality | Practice | Mdt | Organisation | Service | Practitioner | Post
KINDS: Final[dict[str, type[Kind]]] = {
    "borough": Borough,
    "locality": Locality,
    "practice": Practice,
    "mdt": Mdt,
    "organisation": Organisation,
    "service": Service,
    "practitioner": Practitioner,
    "post": Post,
}


def name_of(entry: Kind) -> str:
    """The id of an entry among those of its kind."""
    return entry.ods if isinstance(entry, Practice | Organisation) else entry.id


def stated(entry: Kind) -> dict[str, Any]:
    """What the files say of it, as plain values."""
    return entry.model_dump(mode="json", exclude_defaults=True)
