"""What poor months call for, on the pages: the assessor decides and signs, the officer reads it, nobody else does."""

import datetime as dt
import html

import pytest

from assessment.models import FollowUp
from core import clock
from tests.assessment.test_follow_ups import month
from tests.pages.assessing import last_month, seen, text

pytestmark = pytest.mark.django_db
HOME = "/assessment/follow-ups/"


@pytest.fixture
def poor(town):
    """Two poor months in a row, published long enough ago."""
    when = clock.now() - dt.timedelta(days=30)
    town.talks = [month(town, one.text, when=when) for one in (last_month().before(), last_month())]
    return town


def test_the_assessor_decides_and_the_officer_reads_why(client, poor):
    score = poor.talks[-1]
    address = f"{HOME}{score.pk}/talk/"
    page = seen(client, poor.assessor, HOME)
    assert address in page and "Talk and training" in page and "May still be contested" not in page
    mine = seen(client, poor.officer, f"/assessment/scores/{score.pk}/")
    assert "Pay coefficient of this grade: 0.5" in mine and "A person decides; nothing follows by itself." in mine
    refused = client_of(client, poor.assessor).post(address, {"agreed": "yes", "reason": ""})
    assert refused.status_code == 400 and not FollowUp.objects.exists()
    done = client.post(address, {"agreed": "no", "reason": "She was ill, & it is known."})
    assert done.status_code == 302 and done.url == HOME
    assert address not in seen(client, poor.assessor, HOME)
    assert "She was ill" in seen(client, poor.assessor, HOME + "?view=decided")
    for told in (f"/assessment/scores/{score.pk}/", address):
        mine = html.unescape(seen(client, poor.officer, told))
        assert "She was ill, & it is known." in mine and "No talk: the reason stands below" in mine
    assert client.post(address, {"agreed": "yes", "reason": "Again"}).status_code == 403
    again = client_of(client, poor.assessor).post(address, {"agreed": "yes", "reason": "Again"})
    assert again.status_code == 409 and FollowUp.objects.get().agreed is False


def client_of(client, person):
    client.force_login(person)
    return client


def test_nobody_else_reads_what_poor_months_call_for(client, poor):
    score = poor.talks[-1]
    for person in (poor.chief, poor.clerk, poor.inspector):
        page = seen(client, person, f"/assessment/scores/{score.pk}/")
        assert "Pay coefficient" in page and "Talk and training" not in page
        assert seen(client, person, f"{HOME}{score.pk}/talk/", status=404)
        assert seen(client, person, HOME, status=403)
    seen(client, poor.neighbour, f"{HOME}{score.pk}/talk/", status=404)
    seen(client, poor.assessor, f"{HOME}{score.pk}/contract/", status=404)


def test_while_the_month_may_be_contested_nothing_is_decided(client, town):
    month(town, last_month().before().text, when=clock.now())
    score = month(town, last_month().text, when=clock.now())
    assert "May still be contested" in seen(client, town.assessor, HOME)
    refused = client.post(f"{HOME}{score.pk}/talk/", {"agreed": "yes", "reason": "Now"})
    assert refused.status_code == 409 and "Decide after that" in text(refused)
    assert not FollowUp.objects.exists()
