"""Last month of the town's district, computed and published, for the tests of the assessment's pages."""

import pytest

from assessment import commands
from assessment.vocabulary import RunStatus
from core import clock
from tests.pages.assessing import last_month, orders_of_last_month


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
