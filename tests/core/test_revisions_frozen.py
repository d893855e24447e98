"""A forked helper takes its copies as they are: the socket to the database is its parent's."""

import pytest

from core import revisions


@pytest.mark.django_db
def test_a_frozen_copy_asks_no_questions(monkeypatch, django_assert_num_queries):
    loads = []
    cached = revisions.Cached("frozen-for-a-test", lambda: loads.append(1) or len(loads), ttl=0.0)
    assert cached.get() == 1
    monkeypatch.setattr(revisions, "_frozen", False)
    revisions.freeze()
    with django_assert_num_queries(0):
        assert cached.get() == 1
        assert cached.get(force=True) == 1
