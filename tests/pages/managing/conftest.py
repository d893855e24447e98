"""Forms of the administrators' pages, sent as a browser does: the effect is looked at first, then confirmed."""

import re

import pytest

from core import clock


@pytest.fixture
def send(client, town):
    """`send(person, address, **values)`; with `seen=True` the effect is confirmed as it was shown."""
    client.cookies["gridgov_language"] = "en"

    def post(person, address, /, *, seen=False, **values):
        client.force_login(person)
        answer = client.post(address, values)
        if not seen or answer.status_code != 200:
            return answer
        mark = re.search(r'name="confirmed" value="(\w+)"', answer.content.decode())
        return client.post(address, {**values, "confirmed": mark[1]})

    return post


@pytest.fixture
def read(client, town):
    """`read(person, address)`: the page in English, which has to be there."""
    client.cookies["gridgov_language"] = "en"

    def get(person, address):
        client.force_login(person)
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.content.decode()

    return get


@pytest.fixture
def today():
    return clock.today()
