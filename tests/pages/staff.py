"""Short words for the tests of the staff's pages."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.workorders.acting import bring, do, report

__all__ = ["bring", "do", "in_status", "pages_of", "report", "statements"]


def in_status(town, status, **fields):
    """An order of the main grid in this status."""
    return bring(report(town.officer, **fields), town, status)


def pages_of(client, person, address, **headers):
    """What this person gets at an address, as text; the answer has to be 200."""
    client.force_login(person)
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, (person.username, address, answer.status_code)
    return answer.content.decode()


def statements(client, address) -> int:
    """How many statements a page sends; looks at the revision of a copy in memory, once a second, are left out."""
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len([one for one in caught.captured_queries if "core_revision" not in one["sql"]])
