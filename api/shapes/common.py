"""Bodies many resources share."""

from rest_framework import serializers as s


def text(**more) -> s.CharField:
    """A text somebody sends."""
    return s.CharField(**more)


def maybe() -> s.CharField:
    """A text or nothing."""
    return s.CharField(allow_null=True)


def moment() -> s.DateTimeField:
    """A moment or nothing."""
    return s.DateTimeField(allow_null=True)


class Problem(s.Serializer):
    """A refusal, RFC 9457."""

    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField()
    code = s.CharField(help_text="Stable; programs decide by it.")
    errors = s.DictField(child=s.ListField(child=s.CharField()), required=False, help_text="By field.")
    data = s.DictField(required=False, help_text="What programs may want to know besides.")


class LogIn(s.Serializer):
    """A user name and a password."""

    username = s.CharField()
    password = s.CharField()


class Token(s.Serializer):
    """Sent back as `Authorization: Token …`."""

    token = s.CharField()
    expires_at = s.DateTimeField()


class Point(s.Serializer):
    """WGS-84 degrees."""

    lon = s.FloatField()
    lat = s.FloatField()


class Fix(Point):
    """Where the phone was."""

    accuracy = s.FloatField(required=False, help_text="Metres.")


class Coded(s.Serializer):
    """A code and its name."""

    code = s.CharField()
    name = s.CharField()


class PersonName(s.Serializer):
    """A person."""

    id = s.IntegerField()
    name = s.CharField()
