"""The cache: Redis while it answers, an ever-empty cache while it does not."""

import itertools
import time

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

_PAUSE_SECONDS = 5


class ForgivingRedisCache(RedisCache):
    """A cache that may vanish.

    After a failure it is left alone for a while, so that a frozen Redis costs one second, not one per call.
    """

    _asleep_until = 0.0

    def _try(self, call, absent):
        """The result of the call, or `absent` when Redis does not answer."""
        kind = type(self)
        if time.monotonic() < kind._asleep_until:
            return absent
        try:
            return call()
        except (RedisError, OSError):
            kind._asleep_until = time.monotonic() + _PAUSE_SECONDS
            return absent

    def add(self, key, value, **kw):
        """Whether the key was absent and is set now; when Redis is away the caller goes on as the first."""
        return self._try(lambda: super(ForgivingRedisCache, self).add(key, value, **kw), True)

    def get(self, key, default=None, version=None):
        """The kept value or the default."""
        return self._try(lambda: super(ForgivingRedisCache, self).get(key, default, version), default)

    def set(self, key, value, **kw):
        """Keep a value if possible."""
        return self._try(lambda: super(ForgivingRedisCache, self).set(key, value, **kw), None)

    def touch(self, key, **kw):
        """Whether the key was there to be kept longer."""
        return self._try(lambda: super(ForgivingRedisCache, self).touch(key, **kw), False)

    def delete(self, key, version=None):
        """Whether the key was there to be removed."""
        return self._try(lambda: super(ForgivingRedisCache, self).delete(key, version), False)

    def get_many(self, keys, version=None):
        """Those of the keys that are kept."""
        return self._try(lambda: super(ForgivingRedisCache, self).get_many(keys, version), {})

    def set_many(self, data, **kw):
        """Keep several values if possible; returns the keys that failed, as Django asks."""
        return self._try(lambda: super(ForgivingRedisCache, self).set_many(data, **kw), list(data))

    def delete_many(self, keys, version=None):
        """Remove several keys if possible."""
        return self._try(lambda: super(ForgivingRedisCache, self).delete_many(keys, version), None)

    def has_key(self, key, version=None):
        """Whether the key is kept."""
        return self._try(lambda: super(ForgivingRedisCache, self).has_key(key, version), False)

    def incr(self, key, delta=1, version=None):
        """The counter after adding; a counter that cannot be reached starts anew."""
        return self._try(lambda: super(ForgivingRedisCache, self).incr(key, delta, version), delta)

    def clear(self):
        """Forget our own keys if possible. Django would empty the whole Redis, the queues of the broker included."""

        def forget() -> bool:
            client = self._cache.get_client(None, write=True)
            kept = client.scan_iter(match=f"{self.key_prefix}:*", count=1000)
            while some := list(itertools.islice(kept, 1000)):
                client.delete(*some)
            return True

        return self._try(forget, False)
