"""What the phone's scripts say, translated here once and handed to the page as JSON; patterns keep their %(names)s."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def words() -> dict[str, str]:
    """Every text of the scripts by its name there."""
    return {**_times(), **_states(), **_line(), **_answers()}


def _times() -> dict[str, str]:
    """The patterns of `pages.words`, for clocks that go on while a page stands still."""
    return {
        "day": ngettext("%(count)d day", "%(count)d days", 1),
        "days": ngettext("%(count)d day", "%(count)d days", 2),
        "dayHours": ngettext("%(count)d day %(hours)d h", "%(count)d days %(hours)d h", 1),
        "daysHours": ngettext("%(count)d day %(hours)d h", "%(count)d days %(hours)d h", 2),
        "hoursMinutes": _("%(hours)d h %(minutes)d min"),
        "hours": _("%(hours)d h"),
        "minutes": _("%(minutes)d min"),
        "moment": _("less than a minute"),
        "left": _("%(duration)s left"),
        "over": _("overdue by %(duration)s"),
        "today": _("Today %(hour)02d:%(minute)02d"),
        "yesterday": _("Yesterday %(hour)02d:%(minute)02d"),
        "date": _("%(month)02d-%(day)02d %(hour)02d:%(minute)02d"),
    }


def _states() -> dict[str, str]:
    """How an item stands."""
    return {
        "saved": _("Saved"),
        "waits": _("Saved, waits for a network"),
        "sending": _("Sending…"),
        "delivered": _("Delivered"),
        "received": _("Delivered, waits for acceptance"),
        "accepted": _("Accepted"),
        "turned_away": _("Not taken on"),
        "closed": _("Closed"),
        "refused": _("To be corrected"),
        "stale": _("The order has changed"),
        "waitsForOther": _("Waits until the step before it has arrived"),
        "photos": _("%(done)d of %(all)d photos delivered"),
        "madeAt": _("made %(when)s"),
    }


def _line() -> dict[str, str]:
    """The line at the top of the page and the strips below it."""
    return {
        "allSent": _("Everything has been sent"),
        "unsent": _("%(count)d to send"),
        "noNetwork": _("no network"),
        "noNetworkFor": _("no network for %(duration)s"),
        "toCorrect": _("%(count)d to correct"),
        "login": _("Your log-in has expired."),
        "loginAdvice": _("Nothing is lost. Log in again as yourself, then everything is sent by itself."),
        "logIn": _("Log in"),
        "sealed": _("%(count)d saved by another account on this phone."),
        "sealedAdvice": _("They stay closed and are sent when that account logs in here again."),
        "shout": _("%(count)d have waited for more than 24 hours."),
        "shoutAdvice": _("Go where there is a network and keep this page open until nothing is left."),
        "look": _("Look"),
        "copy": _("No network: this page is as of %(when)s."),
        "copyAdvice": _("What you save is kept on the phone and sent by itself."),
        "notKept": _("There is no network, and this page is not kept on the phone."),
        "notKeptAdvice": _("Reports, and the orders of today, work without a network."),
        "full": _("The phone's storage is full; nothing was saved."),
        "fullAdvice": _("The form stays as it is. Free some space on the phone, or send it when there is a network."),
    }


def _answers() -> dict[str, str]:
    """What can be done with an item, and what was done."""
    return {
        "open": _("Open the order"),
        "mend": _("Correct it"),
        "again": _("Send it again"),
        "anyway": _("Send it all the same"),
        "asComment": _("Add it as a remark"),
        "dropPhoto": _("Leave this photo out"),
        "discard": _("Throw it away"),
        "discardSure": _("Throw it away for good? It has not arrived anywhere."),
        "changes": _("What changed meanwhile"),
        "tooLong": _("This has waited for very long. Look whether it arrived before you send it again."),
        "draft": _("Your unfinished entries are back."),
        "draftDrop": _("Start afresh"),
        "working": _("Working on the photo…"),
        "same": _("The same: add mine to it"),
        "sameWhy": _("The same matter as %(number)s, which was there before."),
        "offGrid": _("Position noted, within %(metres)s m; the grid is found on arrival."),
    }
