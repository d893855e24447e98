"""The case file of an order: everything there is about it, put together for whoever has to judge. Changes nothing."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import clock, wording
from core.papers.paper import FORM, Block, Column, Form, Heading, Paper, Paragraph, Picture, Table, numbered
from workorders import risks
from workorders.commands.attaching import path_of
from workorders.models import Attachment, WorkOrder
from workorders.papers import facts
from workorders.replies import ANSWERED, LATE, LIFTED, WAITING, Reply, replies
from workorders.vocabulary import Card

MOST_PHOTOS = 12


def state_words(reply: Reply) -> str:
    """How a thing to be answered stands."""
    if reply.state == LATE and reply.answered_at:
        return _("Answered late")
    return {
        WAITING: _("Waits for an answer"),
        ANSWERED: _("Answered in time"),
        LATE: _("Not answered in time"),
        LIFTED: _("Settled without an answer"),
    }[reply.state]


def kind_words(reply: Reply) -> str:
    """Urge, yellow card, red card."""
    return _("Urge") if reply.kind == "urge" else str(Card(reply.kind).label)


def casefile(order: WorkOrder, *, issuer: str, by: str, at: dt.datetime) -> Paper:
    """The paper. order: found within reach, with lead and officer; by: who takes it out, on every page."""
    events = list(order.events.order_by("sequence"))
    blocks: list[Block] = [Heading(numbered(1, _("The order"))), Form(facts.boxes(order))]
    parts = (
        (_("Why it is looked at"), _signs(order, at)),
        (_("Urges and cards"), _replies(replies(order, events, at))),
        (_("Clocks"), [facts.clocks(list(order.clocks.order_by("since", "pk")), at)]),
        (_("What happened"), [facts.history(events)]),
        (_("Photos"), _photos(order)),
    )
    for number, (title, found) in enumerate(parts, 2):
        blocks += [Heading(numbered(number, title)), *(found or [Paragraph(_("None."))])]
    taken = {"name": by, "moment": wording.moment(at)}
    return Paper(
        title=_("Case file of order %(number)s") % {"number": order.number},
        blocks=tuple(blocks),
        issuer=issuer,
        number=order.number,
        signatures=(_("Inspector"), _("Unit concerned")),
        date=clock.date_of(at),
        notes=(
            facts.issued(at),
            _("Put together from the records of the order, which nobody can change: %(count)d entries.")
            % {"count": len(events)},
        ),
        foot=_("Taken out by %(name)s, %(moment)s") % taken,
        watermark=f"{by} {clock.date_of(at)}",
        layout=FORM,
    )


def _signs(order: WorkOrder, at: dt.datetime) -> list[Block]:
    found = sorted(order.risks.all(), key=lambda one: risks.ORDER.index(one.kind))
    told = (wording.labelled(one.get_kind_display(), risks.why(one, order, at)) for one in found)
    return [Paragraph(words, indent=False) for words in told]


def _replies(found: list[Reply]) -> list[Block]:
    if not found:
        return []
    heads = (
        (pgettext("record", "What"), 1.2),
        (_("Given at"), 2),
        (pgettext("card", "Given by"), 1.3),
        (_("Reason"), 3),
        (_("Answer by"), 2),
        (_("State"), 1.6),
        (_("Answer"), 3),
    )
    rows = [
        (
            kind_words(one),
            one.at,
            one.by or _("By rule"),
            one.reason or None,
            one.answer_by,
            state_words(one),
            " ".join(part for part in (one.answered_by, one.answer) if part) or None,
        )
        for one in found
    ]
    return [Table(tuple(Column(head, width) for head, width in heads), tuple(rows))]


def _photos(order: WorkOrder) -> list[Block]:
    found: list[Block] = []
    for one in Attachment.objects.filter(order=order).order_by("uploaded_at", "pk")[:MOST_PHOTOS]:
        file = path_of(one.key)
        words = {"kind": one.get_kind_display(), "moment": wording.moment(one.taken_at or one.uploaded_at)}
        caption = _("%(kind)s, %(moment)s") % words
        if file.is_file():
            found.append(Picture(file.read_bytes(), caption, width=0.5))
        else:
            found.append(Paragraph(_("%(photo)s: the file is missing.") % {"photo": caption}, indent=False))
    return found
