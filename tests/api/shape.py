"""Holds an answer against the serializer the schema shows for it: the same members, nothing more, nothing less."""

from rest_framework import serializers


def same_members(body, shape, path=""):
    """Assert that a body has exactly the members of a shape, all the way down."""
    fields = (shape() if isinstance(shape, type) else shape).fields
    optional = {name for name, field in fields.items() if not field.required}
    assert set(body) - set(fields) == set(), f"{path}: not in the schema"
    assert set(fields) - set(body) <= optional, f"{path}: missing"
    for name, value in body.items():
        field = fields[name]
        if value is None:
            assert field.allow_null, f"{path}.{name} is null"
        elif isinstance(field, serializers.ListSerializer):
            for one in value:
                same_members(one, field.child, f"{path}.{name}[]")
        elif isinstance(field, serializers.Serializer):
            same_members(value, field, f"{path}.{name}")
        elif isinstance(field, serializers.ChoiceField):
            assert value in field.choices, f"{path}.{name}: {value}"
        elif isinstance(field, serializers.BooleanField):
            assert isinstance(value, bool), f"{path}.{name}: {value}"
        elif isinstance(field, serializers.IntegerField | serializers.FloatField):
            assert isinstance(value, int | float) and not isinstance(value, bool), f"{path}.{name}: {value}"
        elif isinstance(field, serializers.CharField | serializers.DateField | serializers.DateTimeField):
            assert isinstance(value, str), f"{path}.{name}: {value}"
