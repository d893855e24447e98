"""A caller of the REST door: one person, one token, JSON in and out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from api import authentication
from assessment import commands
from core import clock
from personnel.models import ApiToken, Post
from tests.assessment.months import at, order

ROOT = "/api/v1/"
GRID, COMMUNITY, DISTRICT = "620105006001001", "620105006001", "620105000000"


class Caller:
    """Speaks to the API as one person, or as nobody."""

    def __init__(self, user=None):
        self.user, self.client = user, Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Token {ApiToken.issue(user, clock.now())[0]}"} if user else {}

    def get(self, path, headers=None, **query):
        return self.client.get(self._url(path), query, headers={**self.headers, **(headers or {})})

    def post(self, path, body=None, headers=None, key=None):
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {}), **(headers or {})}
        return self.client.post(self._url(path), {} if body is None else body, "application/json", headers=headers)

    def upload(self, path, data, name="a.png", headers=None, **fields):
        fields["file"] = SimpleUploadedFile(name, data, "image/png")
        return self.client.post(self._url(path), fields, headers={**self.headers, **(headers or {})})

    def report(self, **fields):
        fields = {"description": "楼下堆了建筑垃圾,已经三天没人清运", "category": "0502", "area": GRID, **fields}
        return self.post("workorders/", {name: value for name, value in fields.items() if value is not None})

    def move(self, number, name, **inputs):
        return self.post(f"workorders/{number}/moves/{name}/", inputs)

    @staticmethod
    def _url(path):
        return path if path.startswith(("/", "http")) else ROOT + path


@pytest.fixture
def api(town):
    """`api.officer`, `api.acceptor` …: a caller for each person of the town; `api.nobody` without a token."""
    return Callers(town)


class Callers:
    def __init__(self, town):
        self.town, self._made = town, {"nobody": Caller()}

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._made:
            self._made[name] = Caller(getattr(self.town, name))
        return self._made[name]


@pytest.fixture(autouse=True)
def _fresh_tokens():
    """No token of one test is known to the next."""
    authentication.forget_tokens()
    yield
    authentication.forget_tokens()


def run_to(api, status, **fields):
    """An order of the main grid, brought to a status by the people whose turn it is; returns its number."""
    number = api.officer.report(**fields).json()["number"]
    steps = {
        "filed": ("acceptor", "accept", {"category": fields.get("category", "0502")}),
        "dispatched": ("dispatcher", "dispatch", {"unit": "620105-UM"}),
        "handling": ("handler", "sign", {}),
        "fed_back": (
            "handler",
            "feedback",
            {"internal_result": "已清运", "public_answer": "垃圾已清运", "resolved": True},
        ),
        "revisiting": ("officer", "pass_check", {"note": "现场已清"}),
        "closed": ("reviewer", "revisit", {"reached": True, "resolved": True, "satisfaction": 5}),
    }
    if status == "reported":
        return number
    for reached, (who, name, inputs) in steps.items():
        answer = getattr(api, who).move(number, name, **inputs)
        assert answer.status_code == 200, answer.content.decode()
        if reached == status:
            return number
    raise ValueError(status)


# -- the assessment -----------------------------------------------------------------------------------------------


@pytest.fixture
def month(town):
    """Last month with a few orders of the main grid, one of them late; nothing is computed yet."""
    now = clock.local(clock.now())
    number = now.year * 12 + now.month - 2
    Post.objects.filter(person__in=(town.part_timer, town.former)).delete()
    town.year, town.month = divmod(number, 12)
    town.month += 1
    town.period = f"{town.year}-{town.month:02d}"

    def moment(day, hour=10):
        return at(day, hour, month=town.month).replace(year=town.year)

    for day in range(1, 6):
        order(
            town.main_grid,
            moment(day),
            officer=town.officer,
            reporter=town.officer,
            handled=moment(day),
            closed=moment(day, 11),
        )
    town.late = order(
        town.main_grid, moment(9), officer=town.officer, reporter=town.officer, due=moment(10), handled=moment(10, 11),
        closed=moment(11),
    )  # fmt: skip
    order(town.main_grid, moment(9), unit=town.um, due=moment(10), handled=moment(10, 9), closed=moment(11))
    return town


@pytest.fixture
def run(api, month):
    """Last month, computed; its number."""
    answer = api.assessor.post("assessment/runs/", {"period": month.period})
    assert answer.status_code == 202, answer.content
    commands.carry_out(answer.json()["id"], at=clock.now())
    return answer.json()["id"]
