"""The places and organisations of the synthetic borough (data table).

Out     Localities, general practices, providers, streets and names: all invented.
Rule    Organisation codes have the shape of ODS codes; names of people are no one's.
Pure    Data alone.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Locality:
    """Part of the borough round which teams are built."""

    name: str
    outward: str
    """First half of its postcodes."""


@dataclass(frozen=True, slots=True)
class Practice:
    """A general practice, with the team of several professions that is built round it."""

    code: str
    name: str
    locality: Locality
    gp: str
    """Family name of the doctor who signs."""
    gp_number: str


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation that sends what it knows, by one of the five feeds."""

    code: str
    name: str
    feed: str


NEW_MALDEN: Final = Locality("New Malden", "KT3")
SURBITON: Final = Locality("Surbiton", "KT6")
KINGSTON: Final = Locality("Kingston", "KT2")
CHESSINGTON: Final = Locality("Chessington", "KT9")
LOCALITIES: Final = (NEW_MALDEN, SURBITON, KINGSTON, CHESSINGTON)

PRACTICES: Final = (
    Practice("H85901", "Elm Crescent Surgery", NEW_MALDEN, "Rahman", "G9900011"),
    Practice("H85902", "Fountain Road Practice", SURBITON, "Whitlow", "G9900022"),
    Practice("H85903", "Riverside Medical Centre", KINGSTON, "Adeyemi", "G9900033"),
    Practice("H85904", "Garrison Lane Surgery", CHESSINGTON, "Petrov", "G9900044"),
    Practice("H85905", "Blagdon Park Practice", NEW_MALDEN, "Lindqvist", "G9900055"),
    Practice("H85906", "Maple Road Surgery", SURBITON, "Banerjee", "G9900066"),
    Practice("H85907", "Richmond Road Practice", KINGSTON, "Fairweather", "G9900077"),
    Practice("H85908", "Hook Rise Medical Centre", CHESSINGTON, "Okonkwo", "G9900088"),
)

HOSPITAL: Final = Provider("RAX", "Borough General Hospital", "hospital")
COMMUNITY: Final = Provider("RY9", "Riverbank Community Health", "community")
MENTAL_HEALTH: Final = Provider("RQY", "South Borough Mental Health Trust", "mental-health")
COUNCIL: Final = Provider("X1K", "The council's adult social care", "social-care")
HOME_FIRST: Final = Provider("XK1", "Home First reablement and home care", "social-care")
KINDLY: Final = Provider("XK2", "Kindly Home Care", "social-care")
WELLBEING: Final = Provider("XW1", "Borough Wellbeing Teams", "social-care")
HOME_CARE: Final = (HOME_FIRST, KINDLY)
PROVIDERS: Final = (
    *(HOSPITAL, COMMUNITY, MENTAL_HEALTH, COUNCIL),
    *(*HOME_CARE, WELLBEING),
)

STREETS: Final = (
    *("Elm Crescent", "Alder Way", "Tolworth Rise", "Mill Lane", "Orchard Close"),
    *("Station Approach", "Fairfield Gardens", "Lime Grove", "Chapel Walk", "Pond Street"),
    *("Kingfisher Drive", "Old Dairy Mews", "Plane Tree Road", "Quarry Hill", "Sundial Court"),
)

WOMEN: Final = (
    *("Amina", "Beryl", "Chioma", "Doreen", "Edith", "Farida", "Grace", "Hilda", "Irene"),
    *("Jasmin", "Kavita", "Lorna", "Maureen", "Nadia", "Olive", "Patience", "Queenie", "Rosa"),
    *("Shirin", "Thelma", "Uma", "Vera", "Winifred", "Xanthe", "Yasmin", "Zofia"),
)
MEN: Final = (
    *("Abdul", "Bernard", "Clive", "Desmond", "Emeka", "Farouk", "Gordon", "Harjit", "Ivor"),
    *("Joon", "Kenneth", "Leonard", "Mateusz", "Nigel", "Owen", "Percy", "Rajesh", "Stanley"),
    *("Tariq", "Umar", "Victor", "Walter", "Yusuf", "Zoltan"),
)
FAMILIES: Final = (
    *("Abara", "Ashworth", "Baptiste", "Brightwell", "Chaudhry", "Choi", "Coldwell", "Dempsey"),
    *("Easterby", "Eze", "Fenwick", "Ferreira", "Gill", "Greenhalgh", "Hathersage", "Hussain"),
    *("Ibekwe", "Inchbold", "Jankowski", "Joshi", "Kettlewell", "Kim", "Lampard", "Levy"),
    *("Mahmood", "Moorcroft", "Ndlovu", "Netherton", "Oakhurst", "Osborne", "Papadakis"),
    *("Pemberton", "Quaye", "Quill", "Ramanathan", "Rowbottom", "Sandhu", "Silverwood"),
    *("Tamura", "Thistlewood", "Underhill", "Usman", "Vasquez", "Verity", "Wainwright"),
    *("Wolski", "Yates", "Yilmaz", "Zaman", "Zielinski"),
)
