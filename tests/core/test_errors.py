import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from core.errors import DomainError, Invalid, NotAllowedNow, NotPermitted, TooLarge, TooMany


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (Invalid, 400, "invalid"),
        (NotPermitted, 403, "not_permitted"),
        (NotAllowedNow, 409, "not_allowed_now"),
        (TooLarge, 413, "too_large"),
        (TooMany, 429, "too_many"),
    ],
)
def test_each_refusal_has_a_status_a_code_and_a_sentence(kind, status, code):
    error = kind()
    assert isinstance(error, DomainError)
    assert (error.status, error.code, error.errors, error.data) == (status, code, None, {})
    with translation.override("en"):
        assert str(error).endswith(".")


def test_refusal_carries_fields_and_data():
    error = Invalid("bad_area", "No such area.", errors={"area": ("unknown",)}, given="x")
    assert (error.code, str(error), error.errors, error.data) == (
        "bad_area", "No such area.", {"area": ["unknown"]}, {"given": "x"},
    )  # fmt: skip


def test_sentence_is_in_the_language_of_the_reader():
    error = NotAllowedNow("late", gettext_lazy("Monday"))
    with translation.override("en"):
        assert str(error) == "Monday"
    with translation.override("zh-hans"):
        assert str(error) == "星期一"
