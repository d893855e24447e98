"""No phone number, identity number, password or token reaches a log."""

import io
import logging

import pytest

from gridgov.redaction import RedactingFormatter, RedactPersonalData, redact

SECRETS = [
    ("reporter 13812345678 called", "13812345678"),
    ("phone=+86 138 1234 5678", "1234"),
    ("phone 138-1234-5678.", "5678"),
    ("id 620105199003071234 seen", "620105199003071234"),
    ("id 62010519900307123X", "199003"),
    ("Authorization: Token 0123456789abcdef", "0123456789abcdef"),
    ('{"password": "gridgov-demo", "a": 1}', "gridgov-demo"),
    ("GET /t/Zx81kAbcdefghijk/ 200", "Zx81kAbcdefghijk"),
    ("GET /api/v1/public/reports/Zx81kAbcdefghijk/", "Zx81kAbcdefghijk"),
    ("postgres://gridgov:hunter2@127.0.0.1:5432/gridgov", "hunter2"),
    ("redis://:hunter2@127.0.0.1/0", "hunter2"),
    ("key a8f5f167f44f4964e6c998dee827110c", "a8f5f167f44f4964e6c998dee827110c"),
]
HARMLESS = [
    "order 20261122000017 moved from filed to dispatched",
    "area 620105006001001 has 312 households",
    "area 62010500600100112 retired",
    "outbox row 1234567 (workorders.announce) failed, attempt 3",
    "took 0.012345678 s at 2026-11-22 07:08:34",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_secrets_are_replaced(text, secret):
    assert secret not in redact(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_of_the_trade_stay_readable(text):
    assert redact(text) == text


def test_arguments_and_tracebacks_are_redacted_too():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RedactPersonalData())
    handler.setFormatter(RedactingFormatter("%(message)s"))
    logger = logging.getLogger("tests.redaction")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        logger.warning("call %s back", "13812345678")
        try:
            raise ValueError("bad number 13987654321")
        except ValueError:
            logger.exception("failed")
    finally:
        logger.removeHandler(handler)
    said = out.getvalue()
    assert "138" not in said and "139" not in said
    assert "[phone]" in said and "ValueError" in said
