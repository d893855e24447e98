"""The whole loop over HTTP, by different people."""

import datetime as dt

import pytest

from tests.api.conftest import run_to

pytestmark = pytest.mark.django_db


def test_an_order_runs_from_report_to_close(api):
    number = run_to(api, "closed")
    order = api.dispatcher.get(f"workorders/{number}/").json()
    assert order["status"] == "closed" and order["satisfaction"] == 5 and order["resolved"] is True
    for moment in "reported_at accepted_at dispatched_at signed_at fed_back_at checked_at closed_at".split():
        assert dt.datetime.fromisoformat(order[moment]).utcoffset() is not None
    assert [event["kind"] for event in order["events"]] == [
        "report", "accept", "dispatch", "sign", "feedback", "pass_check", "revisit",
    ]  # fmt: skip
    assert all(event["actor"] or event["system"] for event in order["events"])
