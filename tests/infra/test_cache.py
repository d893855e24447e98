"""The cache may vanish; what uses it must not notice more than a miss."""

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from gridgov.cache import ForgivingRedisCache


@pytest.fixture
def gone(monkeypatch):
    """A cache whose Redis listens to nobody."""
    monkeypatch.setattr(ForgivingRedisCache, "_asleep_until", 0.0)
    yield ForgivingRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 1}})
    ForgivingRedisCache._asleep_until = 0.0


def test_it_keeps_while_redis_answers():
    cache.set("name", {"a": 1}, timeout=30)
    assert cache.get("name") == {"a": 1}
    assert cache.add("name", 2) is False
    assert cache.incr("name:count") if cache.set("name:count", 1) else True
    assert cache.get_many(["name"]) == {"name": {"a": 1}}


def test_clearing_leaves_the_queues_of_the_broker_alone():
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.set("a-queue", "tasks")
    cache.set("name", 1)
    cache.clear()
    assert cache.get("name") is None
    assert broker.get("a-queue") == b"tasks"
    broker.delete("a-queue")


def test_every_call_is_a_miss_while_redis_is_away(gone):
    assert gone.get("x", "absent") == "absent"
    assert gone.add("x", 1) is True
    assert gone.get_many(["x"]) == {}
    assert gone.incr("x") == 1
    assert gone.set_many({"x": 1}) == ["x"]
    assert gone.has_key("x") is False
    gone.set("x", 1)
    gone.delete("x")
    gone.clear()
