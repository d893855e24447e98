"""The kinds of unit, by department code, and how a unit's code is made. Source: domain §5.3, contract §3. Pure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from grids.levels import Level


class Department(TextChoices):
    """The codes are those of the published taxonomy: the categories name their lead department by them."""

    COMMAND_CENTRE = "CC", _("Command centre")
    COMMUNITY = "CO", _("Community committee")
    STREET = "ST", _("Street office")
    POLITICAL_LEGAL = "PC", _("Governance centre")
    POLICE = "PS", _("Police")
    JUSTICE = "JU", _("Justice")
    CIVIL_AFFAIRS = "CA", _("Civil affairs")
    HUMAN_RESOURCES = "HR", _("Human resources and social security")
    URBAN_MANAGEMENT = "UM", _("Urban management")
    HOUSING = "HC", _("Housing and construction")
    MARKET = "MS", _("Market regulation")
    EMERGENCY = "EM", _("Emergency management")
    FIRE = "FR", _("Fire service")
    ECOLOGY = "EE", _("Ecology and environment")
    HEALTH = "HE", _("Health")
    TRANSPORT = "TR", _("Transport")
    WATER = "WA", _("Water")
    AGRICULTURE = "AG", _("Agriculture")
    EDUCATION = "ED", _("Education")
    LAND = "LR", _("Natural resources")
    VETERANS = "VA", _("Veterans affairs")
    DISABLED = "DF", _("Disabled persons' federation")
    WOMEN = "WF", _("Women's federation")
    UTILITIES = "UT", _("Utilities")
    GARDENS = "GA", _("Gardens and parks")
    CULTURE = "CU", _("Culture and tourism")
    FINANCE = "FI", _("Finance office")
    MEDICAL_INSURANCE = "MB", _("Medical insurance")
    PUBLICITY = "PR", _("Publicity")


_DIGITS = {Level.CITY: 6, Level.DISTRICT: 6, Level.STREET: 9, Level.COMMUNITY: 12}


def unit_code(area_code: str, level: str, kind: str) -> str:
    """The code of the unit of that kind in an area: 620105000000, district, UM → 620105-UM.

    Raises ValueError below the community: grids have people, not units.
    """
    digits = _DIGITS.get(Level(level))
    if digits is None:
        raise ValueError("a unit belongs to a community or an area above it")
    return f"{area_code[:digits]}-{Department(kind).value}"
