"""Events as sentences: every kind has a name, every kept fact a line or a reason to have none."""

import datetime as dt

import pytest
from django.utils import translation

from tests.workorders.acting import TUESDAY, bring, do, report
from workorders import sentences, workflow
from workorders.models import WorkOrderEvent
from workorders.vocabulary import Card, ClockKind, WhistleKind

pytestmark = pytest.mark.django_db


def details(**data):
    with translation.override("en"):
        return sentences.event_details(WorkOrderEvent(kind="x", data=data))


def test_every_kind_of_event_has_a_name():
    kinds = {move.name for move in workflow.MOVES} | set(sentences.BESIDES)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert all(sentences.kind_label(kind) for kind in kinds)
    with translation.override("en"):
        assert sentences.kind_label("verified") == "Report the verification"
        assert sentences.kind_label("overdue") == "Overdue"


@pytest.mark.parametrize(
    "data, line",
    [
        ({"reason": "不属于"}, "Reason: 不属于"),
        ({"note": "请快"}, "Note: 请快"),
        ({"text": "谢谢"}, "谢谢"),
        ({"attempt": "not_accepted_in_time"}, "Tried: Not accepted in time"),
        ({"attempt": "多次协调"}, "Tried: 多次协调"),
        ({"attempt": 2}, "Attempt 2 of 3"),
        ({"unit_names": ["甲", "乙"]}, "Units: 甲, 乙"),
        ({"category": "0502"}, "Category: "),
        ({"category": "9999"}, "Category: 9999"),
        ({"forced": True}, "Forced dispatch: it cannot be returned"),
        ({"approve": True}, "Granted"),
        ({"approve": False}, "Refused"),
        ({"outcome": False}, "It is not true"),
        ({"resolved": True}, "Solved"),
        ({"satisfaction": 4}, "Satisfaction 4 of 5"),
        ({"reached": False}, "The reporter was not reached"),
        ({"card": "red"}, "Red card"),
        ({"rule": "rework"}, "By rule: repeated rework"),
        ({"clock": "handle"}, "Clock: "),
        ({"whistle": "joint"}, "Joint action"),
        ({"metres": 0}, "0 m from the order"),
        ({"late": True}, "Arrived late"),
        ({"score": 3}, "Score 3 of 5"),
        ({"sampled": True}, "Chosen for the clerk's check"),
        ({"automatic": True}, "Closed automatically"),
        ({"settled": True}, "Settled on the spot"),
    ],
)
def test_what_is_kept_is_told(data, line):
    (told,) = details(**data)
    assert told.startswith(line)


def test_moments_are_told_on_the_clock_of_shanghai():
    for key in ("until", "answer_by"):
        (line,) = details(**{key: dt.datetime(2026, 3, 10, 1, 0, tzinfo=dt.UTC).isoformat()})
        assert "09:00" in line and "10" in line


def test_some_facts_need_no_line():
    assert details(unit="620105-UM", officer=7, attempts=1, reached=True, late=False, sampled=False, clock="") == []
    assert all(details(card=card) for card in Card.values) and all(details(whistle=one) for one in WhistleKind.values)
    assert all(details(clock=kind) for kind in ClockKind.values)


def test_a_whole_story_can_be_read_in_both_languages(town):
    order = bring(report(town.officer, at=TUESDAY), town, "filed", at=TUESDAY)
    order = do("dispatch", order, town.dispatcher, at=TUESDAY, unit="620105-UM", note="请快")
    order = bring(order, town, "closed", at=TUESDAY)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            lines = [(sentences.kind_label(one.kind), sentences.event_details(one)) for one in order.events.all()]
            assert len(lines) == 7 and any(town.um.name in line for _kind, more in lines for line in more)
            assert sentences.due_explained(order) == ""
