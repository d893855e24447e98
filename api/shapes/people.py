"""People, posts, notices."""

from rest_framework import serializers as s

from api.shapes.common import Coded, PersonName, maybe, moment
from personnel.roles import Role


class Post(s.Serializer):
    """A role on an area or in a unit, from a day until before another."""

    id = s.IntegerField()
    role = s.ChoiceField(Role.choices)
    area = Coded(allow_null=True)
    unit = Coded(allow_null=True)
    to = s.DateField(allow_null=True)

    def get_fields(self) -> dict:
        """`from` is no name in Python."""
        return {**super().get_fields(), "from": s.DateField()}


class Me(s.Serializer):
    """Who you are."""

    id = s.IntegerField()
    username = s.CharField()
    name = s.CharField()
    posts = Post(many=True)
    language = s.CharField()
    home = s.CharField()


class Person(PersonName):
    """A person with the posts of today."""

    posts = Post(many=True)


class NewPost(s.Serializer):
    """Either area or unit; from today unless `from` says another day."""

    person = s.IntegerField()
    role = s.ChoiceField(Role.choices)
    area = s.CharField(required=False)
    unit = s.CharField(required=False)
    to = s.DateField(required=False)

    def get_fields(self) -> dict:
        """`from` is no name in Python."""
        return {**super().get_fields(), "from": s.DateField(required=False)}


class EndPost(s.Serializer):
    """The first day the post is not held any more; today unless named."""

    on = s.DateField(required=False)


class Notice(s.Serializer):
    """One thing you were told."""

    id = s.IntegerField()
    order = maybe()
    text = s.CharField()
    link = maybe()
    created_at = s.DateTimeField()
    read_at = moment()
