"""At which phone number and which email address may this customer be written to?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import idna
import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from triggers.customers import Customer
from triggers.definitions import Policy

SMS, EMAIL = "sms", "email"
LONGEST_PHONE = 40
LONGEST_LOCAL, LONGEST_EMAIL = 64, 254

# marks of direction come along when a number is copied out of a Hebrew or Arabic text
_INVISIBLE = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_PHONE = re.compile(r"[+＋]?[\d\s().\-/\u2010-\u2015]+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# a last label of digits alone would make it the address of a machine
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?![0-9]+\Z){_LABEL}")
_DEARER = frozenset([PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST])


@dataclass(frozen=True, slots=True)
class Phone:
    """`country` is the ISO code of the number's country."""

    e164: str
    country: str


@dataclass(frozen=True, slots=True)
class Email:
    """The domain is lower-case ASCII, the part before it as it was written."""

    address: str


@dataclass(frozen=True, slots=True)
class BadAddress:
    """Why nothing may be sent there; the reason never holds the address."""

    reason: str


@dataclass(frozen=True, slots=True)
class Usable:
    """`addresses`: channel -> address. `unusable`: channel -> why there is none."""

    addresses: Mapping[str, str] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)


def phone_of(
    text: str, default_country: str = "", countries: frozenset[str] = frozenset()
) -> Phone | BadAddress:
    """Read a number; one without + is of the default country. No `countries` means any country.

    A number needs to be possible, not assigned: reserved and new ranges work.
    """
    found = _anywhere(text, default_country)
    if isinstance(found, Phone) and countries and found.country not in countries:
        reason = f"numbers of {found.country} are not among the countries we write to"
        return BadAddress(reason)
    return found


@lru_cache(maxsize=8192)
def _anywhere(text: str, default_country: str) -> Phone | BadAddress:
    plain = text.translate(_INVISIBLE).strip()
    if len(plain) > LONGEST_PHONE or _PHONE.fullmatch(plain) is None:
        return BadAddress("not a phone number")
    try:
        number = phonenumbers.parse(plain, default_country or None)
    except phonenumbers.NumberParseException:
        return BadAddress("not a phone number, or its country is not known")
    country = _country(number)
    objection = _objection(number, country)
    if objection is not None:
        return BadAddress(objection)
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), country)


def _objection(number: phonenumbers.PhoneNumber, country: str) -> str | None:
    if not phonenumbers.is_possible_number(number):
        return "too short or too long for a phone number"
    if not country.isalpha():
        return "a number of no country"
    if phonenumbers.number_type(number) in _DEARER:
        return "a number at whose holder's rate others pay"
    return None


def _country(number: phonenumbers.PhoneNumber) -> str:
    exact = phonenumbers.region_code_for_number(number)
    return exact or phonenumbers.region_code_for_country_code(number.country_code or 0)


def email_of(text: str) -> Email | BadAddress:
    """Read one plain address; no display name, no quotes, no comments, nothing to smuggle."""
    local, at, domain = text.strip(" ").rpartition("@")
    if not at or len(text) > 2 * LONGEST_EMAIL:
        return BadAddress("not an email address")
    if len(local) > LONGEST_LOCAL or _LOCAL.fullmatch(local) is None:
        return BadAddress("the part before @ is not one we can write to")
    ascii_domain = _ascii(domain)
    if ascii_domain is None or len(local) + 1 + len(ascii_domain) > LONGEST_EMAIL:
        return BadAddress("the part after @ is not a domain")
    return Email(f"{local}@{ascii_domain}")


def _ascii(domain: str) -> str | None:
    try:
        found = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return None
    return found if _DOMAIN.fullmatch(found) else None


def canonical(channel: str, address: str) -> str:
    """The form in which two spellings of one address are equal: for hashes, lists and look-ups."""
    # by the standard a server may tell cases apart before the @; an opt-out must not
    return address.lower() if channel == EMAIL else address


def usable(customer: Customer, policy: Policy) -> Usable:
    """The customer's addresses by channel, and why others are not usable."""
    addresses: dict[str, str] = {}
    unusable: dict[str, str] = {}
    for channel, found in ((SMS, _phone(customer, policy)), (EMAIL, _email(customer))):
        match found:
            case Phone(e164=address) | Email(address=address):
                addresses[channel] = address
            case BadAddress(reason=reason):
                unusable[channel] = reason
    return Usable(addresses, unusable)


def _phone(customer: Customer, policy: Policy) -> Phone | BadAddress:
    text = customer.text("phone")
    if text is None:
        return BadAddress("no phone")
    own = frozenset([policy.country.upper()]) if policy.country else frozenset()
    home = (customer.text("country") or policy.country).upper()
    return phone_of(text, home, policy.sms.countries or own)


def _email(customer: Customer) -> Email | BadAddress:
    text = customer.text("email")
    return BadAddress("no email") if text is None else email_of(text)
