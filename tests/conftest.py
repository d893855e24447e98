"""What every test may use: the town, and a clean start for copies held in memory."""

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from core import revisions
from tests import town as cast

# What migrations wrote, kept aside: a test with real commits ends by emptying every table, the next one needs it again.
SEED = "migrated_rows"


@pytest.fixture
def town(db):
    """One small city with its people; see tests/town.py."""
    return cast.build()


@pytest.fixture(autouse=True)
def _fresh_copies(request):
    """No test sees what another one left in the memory of this process or in the cache."""
    revisions.reset_all()
    yield
    revisions.reset_all()
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        _empty_cache()


@pytest.fixture
def empty_queue():
    """A real worker begins with what its own test asks for, not with thousands of messages other tests left behind."""
    current_app.control.purge()


def _empty_cache() -> None:
    """Drop our keys only: the broker of a worker under test may live in the same database."""
    client = cache._cache.get_client(None, write=True)
    keys = list(client.scan_iter(f"{cache.key_prefix}:*", count=1000))
    if keys:
        client.delete(*keys)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Keep the rows of the data migrations, and put them back whenever Django empties the tables."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        restore, guarded = _keep_migrated_rows(cursor), _guarded_tables(cursor)
    empty = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(self, sql_list):
        # Append-only tables refuse TRUNCATE; that the flush may do it is the test database's business alone.
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guarded]
        on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in guarded]
        empty(self, [*off, *sql_list, *on, *restore])

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "execute_sql_flush", execute_sql_flush)
    yield
    patch.undo()


def _keep_migrated_rows(cursor) -> list[str]:
    """Copy every table that holds rows after the migrations; returns the statements that bring them back."""
    cursor.execute(f"DROP SCHEMA IF EXISTS {SEED} CASCADE; CREATE SCHEMA {SEED}")
    restore = []
    for table in sorted(set(connection.introspection.table_names(cursor)) - {"django_migrations"}):
        cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
        if not cursor.fetchone()[0]:
            continue
        cursor.execute(
            "SELECT quote_ident(column_name) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        columns = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute(f'CREATE TABLE {SEED}."{table}" AS SELECT {columns} FROM public."{table}"')
        restore.append(f'INSERT INTO public."{table}" ({columns}) SELECT {columns} FROM {SEED}."{table}"')
    return restore


def _guarded_tables(cursor) -> list[str]:
    """The tables that carry triggers of ours."""
    cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")
    return [table for (table,) in cursor.fetchall()]
