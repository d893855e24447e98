"""Token buckets: a burst, then one at a time; all or none; open when the cache is away."""

import datetime as dt

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as Gone

from core import clock
from core.buckets import Bucket, has, take
from core.errors import TooMany
from gridgov.cache import ForgivingRedisCache

pytestmark = pytest.mark.django_db
SMALL, LARGE = Bucket("small", 3, 60), Bucket("large", 10, 60)


def taken(*wanted, at) -> bool:
    """Whether a token was given."""
    try:
        take(*wanted, at=at)
    except TooMany:
        return False
    return True


def test_a_burst_then_one_for_each_interval():
    at = clock.now()
    assert [taken((SMALL, "a"), at=at) for _try in range(5)] == [True, True, True, False, False]
    assert not taken((SMALL, "a"), at=at + dt.timedelta(seconds=19))
    assert taken((SMALL, "a"), at=at + dt.timedelta(seconds=20))
    assert not taken((SMALL, "a"), at=at + dt.timedelta(seconds=21))
    later = at + dt.timedelta(seconds=200)
    assert [taken((SMALL, "a"), at=later) for _try in range(4)] == [True, True, True, False]


def test_keys_are_counted_apart():
    at = clock.now()
    assert all(taken((SMALL, whose), at=at) for whose in ("a", "b", "c", "d", "安宁"))


def test_a_refusal_takes_from_no_bucket():
    at = clock.now()
    for _try in range(8):
        taken((LARGE, "all"), (SMALL, "a"), at=at)
    assert sum(taken((LARGE, "all"), at=at) for _try in range(20)) == 7


def test_looking_takes_nothing():
    at = clock.now()
    assert all(has((SMALL, "a"), (LARGE, "b"), at=at) for _look in range(20))
    assert [taken((SMALL, "a"), at=at) for _try in range(4)] == [True, True, True, False]
    assert not has((SMALL, "a"), (LARGE, "b"), at=at) and has((LARGE, "b"), at=at)


def test_the_refusal_says_when_to_come_back():
    at = clock.now()
    for _try in range(3):
        take((SMALL, "a"), at=at)
    with pytest.raises(TooMany) as refused:
        take((SMALL, "a"), at=at, message="Full.")
    assert refused.value.data == {"retry_after": 20} and str(refused.value).startswith("Full. ")


def test_without_a_cache_everything_is_let_through(monkeypatch):
    def gone(*args, **kwargs):
        raise Gone

    with monkeypatch.context() as away:
        away.setattr(cache._cache, "get_client", gone)
        away.setattr(ForgivingRedisCache, "_asleep_until", 0.0)
        assert all(taken((SMALL, "a"), at=clock.now()) for _try in range(9))
    ForgivingRedisCache._asleep_until = 0.0
