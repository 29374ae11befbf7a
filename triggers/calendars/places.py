"""Where does the sun set for a customer, and how long before that are candles lit there?"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Place:
    """A town: `candles` is the custom's number of minutes before sunset."""

    name: str
    latitude: float
    longitude: float
    candles: int
    zone: str
    country: str


_ISRAEL = (
    # The first of a zone stands for it where nothing more is known.
    ("jerusalem", 31.778, 35.235, 40),
    ("tel_aviv", 32.085, 34.782, 22),
    ("haifa", 32.794, 34.990, 30),
    ("beer_sheva", 31.252, 34.791, 20),
    ("petah_tikva", 32.084, 34.888, 30),
    ("bnei_brak", 32.084, 34.835, 22),
    ("rishon_lezion", 31.973, 34.793, 22),
    ("netanya", 32.321, 34.853, 22),
    ("ashdod", 31.804, 34.655, 22),
    ("ashkelon", 31.669, 34.574, 22),
    ("beit_shemesh", 31.747, 34.988, 30),
    ("modiin", 31.898, 35.010, 30),
    ("nazareth", 32.700, 35.297, 22),
    ("tiberias", 32.796, 35.531, 22),
    ("safed", 32.965, 35.496, 30),
    ("eilat", 29.558, 34.952, 20),
)

_ELSEWHERE = (
    ("new_york", 40.713, -74.006, "America/New_York", "US"),
    ("boston", 42.360, -71.058, "America/New_York", "US"),
    ("philadelphia", 39.953, -75.165, "America/New_York", "US"),
    ("washington", 38.907, -77.037, "America/New_York", "US"),
    ("miami", 25.762, -80.192, "America/New_York", "US"),
    ("chicago", 41.878, -87.630, "America/Chicago", "US"),
    ("denver", 39.739, -104.990, "America/Denver", "US"),
    ("los_angeles", 34.052, -118.244, "America/Los_Angeles", "US"),
    ("san_francisco", 37.775, -122.419, "America/Los_Angeles", "US"),
    ("toronto", 43.653, -79.383, "America/Toronto", "CA"),
    ("montreal", 45.502, -73.567, "America/Toronto", "CA"),
    ("mexico_city", 19.433, -99.133, "America/Mexico_City", "MX"),
    ("sao_paulo", -23.551, -46.633, "America/Sao_Paulo", "BR"),
    ("buenos_aires", -34.604, -58.382, "America/Argentina/Buenos_Aires", "AR"),
    ("santiago", -33.449, -70.669, "America/Santiago", "CL"),
    ("london", 51.507, -0.128, "Europe/London", "GB"),
    ("manchester", 53.481, -2.242, "Europe/London", "GB"),
    ("dublin", 53.350, -6.260, "Europe/Dublin", "IE"),
    ("paris", 48.857, 2.352, "Europe/Paris", "FR"),
    ("marseille", 43.296, 5.370, "Europe/Paris", "FR"),
    ("strasbourg", 48.573, 7.752, "Europe/Paris", "FR"),
    ("brussels", 50.850, 4.352, "Europe/Brussels", "BE"),
    ("antwerp", 51.219, 4.402, "Europe/Brussels", "BE"),
    ("amsterdam", 52.368, 4.904, "Europe/Amsterdam", "NL"),
    ("berlin", 52.520, 13.405, "Europe/Berlin", "DE"),
    ("frankfurt", 50.110, 8.682, "Europe/Berlin", "DE"),
    ("munich", 48.135, 11.582, "Europe/Berlin", "DE"),
    ("vienna", 48.208, 16.374, "Europe/Vienna", "AT"),
    ("zurich", 47.377, 8.542, "Europe/Zurich", "CH"),
    ("budapest", 47.498, 19.040, "Europe/Budapest", "HU"),
    ("prague", 50.076, 14.438, "Europe/Prague", "CZ"),
    ("warsaw", 52.230, 21.012, "Europe/Warsaw", "PL"),
    ("rome", 41.903, 12.496, "Europe/Rome", "IT"),
    ("milan", 45.464, 9.190, "Europe/Rome", "IT"),
    ("madrid", 40.417, -3.704, "Europe/Madrid", "ES"),
    ("stockholm", 59.329, 18.069, "Europe/Stockholm", "SE"),
    ("kyiv", 50.450, 30.523, "Europe/Kyiv", "UA"),
    ("moscow", 55.756, 37.617, "Europe/Moscow", "RU"),
    ("istanbul", 41.008, 28.978, "Europe/Istanbul", "TR"),
    ("johannesburg", -26.204, 28.047, "Africa/Johannesburg", "ZA"),
    ("cape_town", -33.925, 18.424, "Africa/Johannesburg", "ZA"),
    ("sydney", -33.869, 151.209, "Australia/Sydney", "AU"),
    ("melbourne", -37.814, 144.963, "Australia/Melbourne", "AU"),
    ("auckland", -36.849, 174.763, "Pacific/Auckland", "NZ"),
    ("hong_kong", 22.320, 114.169, "Asia/Hong_Kong", "HK"),
    ("singapore", 1.352, 103.820, "Asia/Singapore", "SG"),
    ("tokyo", 35.677, 139.650, "Asia/Tokyo", "JP"),
)

PLACES = MappingProxyType(
    {
        name: Place(name, latitude, longitude, candles, "Asia/Jerusalem", "IL")
        for name, latitude, longitude, candles in _ISRAEL
    }
    | {
        name: Place(name, latitude, longitude, 18, zone, country)
        for name, latitude, longitude, zone, country in _ELSEWHERE
    }
)

_FIRST_OF_ZONE = {place.zone: place.name for place in reversed(tuple(PLACES.values()))}

_HEBREW = {
    "ירושלים": "jerusalem",
    "תל אביב": "tel_aviv",
    "תל אביב-יפו": "tel_aviv",
    "חיפה": "haifa",
    "באר שבע": "beer_sheva",
    "פתח תקווה": "petah_tikva",
    "בני ברק": "bnei_brak",
    "ראשון לציון": "rishon_lezion",
    "נתניה": "netanya",
    "אשדוד": "ashdod",
    "אשקלון": "ashkelon",
    "בית שמש": "beit_shemesh",
    "מודיעין": "modiin",
    "נצרת": "nazareth",
    "טבריה": "tiberias",
    "צפת": "safed",
    "אילת": "eilat",
}


def place_named(text: str) -> str | None:
    """The table's name for `Tel Aviv`, `tel-aviv` or `תל אביב`; None for a place not in it."""
    trimmed = " ".join(text.split())
    name = _HEBREW.get(trimmed) or trimmed.casefold().replace(" ", "_").replace("-", "_")
    return name if name in PLACES else None


def place_in_zone(zone: str) -> str | None:
    """The place that stands for a whole zone; None where the table has none."""
    return _FIRST_OF_ZONE.get(zone)
