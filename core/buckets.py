"""Token buckets: how often something may be asked for, counted in the cache for all processes together.

A bucket holds `size` tokens and fills evenly within `seconds`. Several buckets are asked in one step: one token is
taken from each of them, or from none. When the cache is away everything is let through.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils.translation import ngettext

from core.errors import TooMany

# Each key holds the moment at which its bucket is full again. KEYS: the buckets; ARGV: now, then seconds for one token
# and seconds for a full bucket of each, at last 1 to take and 0 to look. Answers how many seconds are missing, 0 when
# there is a token in each.
_TAKE = """
local now, full = tonumber(ARGV[1]), {}
for i, key in ipairs(KEYS) do
  local one, whole = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  full[i] = math.max(tonumber(redis.call('GET', key) or 0), now) + one
  if full[i] - now > whole + 0.001 then return tostring(full[i] - now - whole) end
end
if ARGV[2 * #KEYS + 2] == '1' then
  for i, key in ipairs(KEYS) do redis.call('SET', key, full[i], 'EX', math.ceil(full[i] - now)) end
end
return '0'
"""


@dataclass(frozen=True)
class Bucket:
    """So many at once, and so many again within the time; counted separately for each key given to `take`."""

    name: str
    size: int
    seconds: float


def take(*wanted: tuple[Bucket, str], at: datetime, code: str = "too_many", message: Any = None) -> None:
    """Take one token from each bucket. Raises TooMany with the seconds to wait, and then nothing was taken.

    wanted: pairs of a bucket and whose it is (an address, a code). message: why, the time to wait is added to it.
    """
    missing = _missing(wanted, at, taking=True)
    if missing > 0:
        raise TooMany(code, _words(message, missing), retry_after=math.ceil(missing))


def has(*wanted: tuple[Bucket, str], at: datetime) -> bool:
    """Whether there is a token in each bucket; none is taken."""
    return _missing(wanted, at, taking=False) <= 0


def _missing(wanted: tuple[tuple[Bucket, str], ...], at: datetime, *, taking: bool) -> float:
    keys = [cache.make_and_validate_key(f"bucket:{bucket.name}:{whose}"[:200]) for bucket, whose in wanted]
    numbers = [at.timestamp()]
    for bucket, _whose in wanted:
        numbers += [bucket.seconds / bucket.size, bucket.seconds]

    def ask() -> float:
        client = cache._cache.get_client(keys[0], write=True)
        return float(client.eval(_TAKE, len(keys), *keys, *numbers, int(taking)))

    return cache._try(ask, 0.0)


def _words(message: Any, seconds: float) -> str:
    minutes = max(1, math.ceil(seconds / 60))
    again = ngettext("Please try again in %(count)d minute.", "Please try again in %(count)d minutes.", minutes)
    text = again % {"count": minutes}
    return f"{message} {text}" if message else text
