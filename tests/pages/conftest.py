"""For the tests of pages: last month of the town's district, computed and published; a resident and a report."""

import pytest

from assessment import commands
from assessment.vocabulary import RunStatus
from core import clock
from tests.pages import residents
from tests.pages.assessing import last_month, orders_of_last_month
from workorders.models import PublicReport


@pytest.fixture
def run(town):
    """Last month of the district, computed."""
    orders_of_last_month(town)
    made = commands.start(last_month().text, by=town.assessor, at=clock.now())
    found = commands.carry_out(made.pk, at=clock.now())
    assert found.status == RunStatus.COMPUTED
    return found


@pytest.fixture
def published(run, town):
    return commands.publish(run, by=town.assessor, at=clock.now())


@pytest.fixture
def resident(client, town):
    """A browser without an account, in English, that checks nothing but what servers check."""
    client.cookies.load({"gridgov_language": "en"})
    return client


@pytest.fixture
def sent(resident):
    """A report of theirs that has arrived."""
    return PublicReport.objects.get(token=residents.token_of(residents.send(resident)))
