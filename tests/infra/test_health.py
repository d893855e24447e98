"""What operations see: each part by name, figures only for whoever may have them."""

import datetime as dt

import pytest
from django.utils import timezone

from core.models import Pulse
from gridgov import health


@pytest.mark.django_db
def test_ready_names_what_is_missing(client, settings):
    settings.DEMO = True
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["worker", "demo"]
    health.note_demo_loaded()
    Pulse.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["missing"] == []
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_worker_that_fell_silent_is_missing(client):
    Pulse.objects.update_or_create(name="worker", defaults={"at": timezone.now() - dt.timedelta(seconds=20)})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["worker"])


@pytest.mark.django_db
def test_a_broker_that_is_away_is_missing(client, monkeypatch):
    monkeypatch.setattr(health, "broker_answers", lambda: False)
    assert "broker" in client.get("/readyz").json()["missing"]


@pytest.mark.django_db
def test_figures_are_for_this_machine_or_the_token(client, settings):
    assert client.get("/healthz").status_code == 200
    near = client.get("/metrics")
    assert near.status_code == 200
    assert b"gridgov_outbox_waiting" in near.content
    assert b"gridgov_requests_total" in near.content
    assert client.get("/metrics", REMOTE_ADDR="8.8.8.8").status_code == 403
    # A proxy on this machine makes every stranger look near.
    assert client.get("/metrics", headers={"x-forwarded-for": "8.8.8.8"}).status_code == 403
    settings.METRICS_TOKEN = "a-token"
    far = {"REMOTE_ADDR": "8.8.8.8"}
    assert client.get("/metrics", headers={"authorization": "Bearer a-token"}, **far).status_code == 200
    assert client.get("/metrics", headers={"authorization": "Bearer other"}, **far).status_code == 403
    assert client.get("/metrics", headers={"authorization": ""}, **far).status_code == 403
