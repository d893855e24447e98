"""Short words for the tests of the assessment's pages."""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment import periods
from assessment.models import Score
from core import clock
from tests.workorders.acting import bring
from tests.workorders.acting import report as reported


def text(answer) -> str:
    return answer.content.decode()


def seen(client, person, address, status=200) -> str:
    """What this person gets, in English."""
    client.force_login(person)
    client.cookies.load({"gridgov_language": "en"})
    answer = client.get(address)
    assert answer.status_code == status, (person.username, address, answer.status_code)
    return text(answer)


def statements(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len([one for one in caught.captured_queries if "core_revision" not in one["sql"]])


def last_month() -> periods.Period:
    return periods.month_at(clock.now()).before()


def orders_of_last_month(town, count=2):
    """Closed orders of the main grid, reported and settled in the middle of last month."""
    at = last_month().since + dt.timedelta(days=14, hours=10)
    return [bring(reported(town.officer, at=at), town, "closed", at=at + dt.timedelta(hours=2)) for _ in range(count)]


def score_of(run, **which) -> Score:
    return Score.objects.get(run=run, **which)
