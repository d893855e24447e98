"""Who gets what at every address of the pages: role × address × status. A new address without a row fails.

A row says for one named address what each person of the town gets by GET (or POST); `otherwise` holds for the rest.
`order` is an order of the main grid that was dispatched to the first unit; `notice` and `photo` belong to it; `token`
leads to a resident's report.
"""

import datetime as dt
from dataclasses import dataclass, field, replace

import pytest
from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver

from assessment import commands as assessing
from assessment import periods
from assessment.models import Score
from core import clock, outbox
from grids import spots
from tests.pages.staff import in_status, report
from tests.pages.test_photos import jpeg
from tests.workorders.acting import bring
from workorders import commands, imaging
from workorders.models import Notice

pytestmark = pytest.mark.django_db

EVERYBODY = (
    "officer neighbour part_timer chief police building_head informant clerk instructor manager elsewhere inspector "
    "acceptor dispatcher duty reviewer assessor auditor security_admin system_admin handler head handler2 acceptor2 "
    "dispatcher2 far_handler officer2 former admin"
).split()
DESK = "acceptor dispatcher duty reviewer acceptor2 dispatcher2 admin".split()
INBOX = "clerk handler head handler2 far_handler admin".split()
BOARD = "chief instructor manager elsewhere inspector duty head admin".split()
FIELD = "officer neighbour part_timer chief police building_head informant officer2 admin".split()
# Who sees the order: posts on its areas, the unit that has it, the administrator who looks everywhere.
SEES = (
    "officer part_timer chief police building_head informant clerk instructor manager inspector acceptor dispatcher "
    "duty reviewer assessor auditor security_admin system_admin handler head admin"
).split()
# Of them, those who decide what residents see of its photos.
RELEASES = "clerk acceptor dispatcher duty reviewer handler head".split()
NOT_THEIRS = [name for name in SEES if name not in RELEASES]


@dataclass(frozen=True)
class Row:
    """What an address answers. people: {status: names}; a name that stands nowhere gets `otherwise`."""

    address: str
    people: dict[int, list[str]] = field(default_factory=dict)
    otherwise: int = 200
    stranger: int = 302
    data: dict | None = None

    def expected(self, name: str) -> int:
        return next((status for status, names in self.people.items() if name in names), self.otherwise)


def seen(opens: list[str]) -> dict[int, list[str]]:
    """An order's page in a room: shown, not found, or led to the own room."""
    return {
        200: [name for name in opens if name in SEES],
        404: [name for name in opens if name not in SEES],
    }


def everywhere() -> dict[int, list[str]]:
    """What can be asked for by everybody who sees the order, whatever the room."""
    return {200: SEES}


def room(prefix: str, opens: list[str], *, led_away: list[str] | None = None) -> dict[str, Row]:
    """The rows of one order in a room; people of other rooms are led away when they only look."""
    page = seen(opens)
    if led_away is not None:
        page = {
            302: led_away,
            200: [name for name in SEES if name not in led_away],
            404: [name for name in EVERYBODY if name not in led_away and name not in SEES],
        }
    return {
        "order": Row(prefix + "{order}/", page, 302),
        "move": Row(prefix + "{order}/moves/comment/", _moves(page), 302),
        "reveal": Row(prefix + "{order}/reveal/", everywhere(), 404),
        "photos": Row(prefix + "{order}/photos/", everywhere(), 404),
        "slip": Row(prefix + "{order}/slips/handover/", everywhere(), 404),
        "split": Row(prefix + "{order}/split/", {403: SEES}, 404),
    }


def _at_the_desk(status: int) -> dict[int, list[str]]:
    """What only the desk does with an order: for those at a desk that reaches it."""
    return {status: [name for name in DESK if name in SEES], 404: [name for name in DESK if name not in SEES]}


def _moves(page: dict[int, list[str]]) -> dict[int, list[str]]:
    """As the order's page, but the administrator moves nothing."""
    return {403: ["admin"], **{status: [name for name in names if name != "admin"] for status, names in page.items()}}


# People whose own room is another one than the board; whoever has none reads single orders on the board.
OWN_ROOM_ELSEWHERE = [name for name in (*DESK, *INBOX, *FIELD) if name not in BOARD]

# A computed month that is not published is the assessor's; the administrator looks and does nothing.
LOOKS = {200: ["assessor", "admin"]}
DOES = {200: ["assessor"], 403: ["admin"]}
ASSESSMENT: dict[str, Row] = {
    "index": Row("", LOOKS, 302),
    "mine": Row("mine/"),
    "start": Row("start/", LOOKS, 403),
    "run": Row("runs/{run}/", LOOKS, 404),
    "state": Row("runs/{run}/state/", LOOKS, 404),
    "cancel": Row("runs/{run}/cancel/", {409: ["assessor"], 403: ["admin"]}, 404, data={}),
    "restart": Row("runs/{run}/restart/", {409: ["assessor"], 403: ["admin"]}, 404, data={}),
    "publish": Row("runs/{run}/publish/", DOES, 404),
    "what_if": Row("runs/{run}/what-if/", DOES, 404),
    "comparison": Row("runs/{run}/comparison/", DOES, 404),
    "charts": Row("runs/{run}/overview/", LOOKS, 404),
    "workbook": Row("runs/{run}/workbook/", LOOKS, 404),
    "bulletin": Row("runs/{run}/bulletin/", LOOKS, 404),
    "score": Row("scores/{score}/", LOOKS, 404),
    "evidence": Row("scores/{score}/evidence/M05/", LOOKS, 404),
    "appeal": Row("scores/{score}/appeal/", otherwise=404),
    "appeals": Row("appeals/"),
    "decide": Row("appeals/1/", otherwise=404),
    "again": Row("appeals/1/again/", otherwise=404),
    "file": Row("appeals/1/file/", otherwise=404),
    "schemes": Row("schemes/"),
    "version": Row("schemes/{scheme}/1/"),
    "draft": Row("schemes/{scheme}/1/draft/", LOOKS, 403),
    "diff": Row("schemes/{scheme}/1/diff/1/"),
    "simulate": Row("schemes/{scheme}/1/try/"),
    "approve": Row("schemes/{scheme}/1/approve/"),
    "districts": Row("districts/", {200: ["admin"]}, 403),
    "adjustments": Row("items/", LOOKS, 403),
    "adjustment_new": Row("items/new/", LOOKS, 403),
    "adjustment": Row("items/{item}/", LOOKS, 404),
    "adjustment_confirm": Row("items/{item}/confirm/", otherwise=404, people={403: ["assessor", "admin"]}, data={}),
    "adjustment_withdraw": Row("items/{item}/withdraw/", LOOKS, 404),
    "adjustment_file": Row("items/{item}/file/", LOOKS, 404),
    "spans": Row("spans/", LOOKS, 403),
    "roll_up": Row("spans/make/", {400: ["assessor"]}, 403, data={"period": "soon"}),
    "reviews": Row("reviews/", LOOKS, 403),
    "follow_ups": Row("follow-ups/", LOOKS, 403),
    "follow_up": Row("follow-ups/{score}/talk/", otherwise=404),
    "records": Row("records/", LOOKS, 403),
    "record_new": Row("records/new/", LOOKS, 403),
    "record_file": Row("records/file/", LOOKS, 403),
    "record_template": Row("records/template/", LOOKS, 403),
    "record": Row("records/{record}/", LOOKS, 404),
    "record_void": Row("records/{record}/void/", {409: ["assessor"], 403: ["admin"]}, 404, data={}),
    "help": Row("help/"),
}

# Whose posts print signs, and of them those whose posts reach the main grid.
PRINTERS = "chief clerk instructor manager duty system_admin admin".split()
SIGNS: dict[str, Row] = {
    "index": Row("", {200: [*PRINTERS[1:], "elsewhere"], 302: ["chief"]}, 403),
    "sign": Row("620105006001001/", {200: PRINTERS, 404: ["elsewhere"]}, 403),
    "svg": Row("620105006001001.svg", {200: PRINTERS, 404: ["elsewhere"]}, 403),
    "pdf": Row("620105006001001.pdf", {200: PRINTERS, 404: ["elsewhere"]}, 403),
    # What the first has closed is gone for the next.
    "close": Row("{spot}/close/", {302: ["chief"], 404: [*PRINTERS[1:], "elsewhere"]}, 403, data={}),
}

# The administrators' pages: the district's own, and the one who looks everywhere.
ADMINISTERS = {200: ["system_admin", "admin"]}
UNITS: dict[str, Row] = {
    "index": Row("", ADMINISTERS, 403),
    "new": Row("new/", ADMINISTERS, 403),
    "unit": Row("620105-UM/", ADMINISTERS, 403),
    "step": Row("620105-UM/close/", ADMINISTERS, 403),
    "post_step": Row("posts/{post}/end/", ADMINISTERS, 403),
}
PEOPLE: dict[str, Row] = {
    "index": Row("", ADMINISTERS, 403),
    "person": Row("{handler}/", ADMINISTERS, 403),
    "appoint": Row("{handler}/appoint/", ADMINISTERS, 403),
    "log": Row("log/", {200: ["system_admin", "admin", "auditor", "security_admin"]}, 403),
    # Without a reason nothing begins.
    "view": Row("{handler}/view/", {400: ["system_admin", "admin"]}, 403, data={}),
    "leave": Row("leave/", otherwise=302, data={}),
}

# Imports are the administrators'; there is no import and no export with the number 1.
IMPORTERS = ["system_admin", "admin"]
MAY_ASK = "acceptor dispatcher reviewer acceptor2 dispatcher2".split()
EXCHANGE: dict[str, Row] = {
    "imports:index": Row("/imports/", {200: IMPORTERS}, 403),
    "imports:new": Row("/imports/new/grids/", {200: IMPORTERS}, 403),
    "imports:template": Row("/imports/new/people/template/", {200: IMPORTERS}, 403),
    "imports:one": Row("/imports/1/", {404: IMPORTERS}, 403),
    "imports:file": Row("/imports/1/file/", {404: IMPORTERS}, 403),
    "imports:marked": Row("/imports/1/marked/", {404: IMPORTERS}, 403),
    "imports:confirm": Row("/imports/1/confirm/", {404: IMPORTERS}, 403, data={}),
    "imports:discard": Row("/imports/1/discard/", {404: IMPORTERS}, 403, data={}),
    "imports:undo": Row("/imports/1/undo/", {404: IMPORTERS}, 403, data={}),
    "exports:index": Row("/exports/"),
    "exports:new": Row("/exports/new/?room=desk", {200: MAY_ASK}, 403),
    "exports:one": Row("/exports/1/", otherwise=404),
    "exports:decide": Row("/exports/1/decide/", otherwise=404, data={}),
    "exports:file": Row("/exports/1/file/", otherwise=404),
}

ROWS: dict[str, Row] = {
    **EXCHANGE,
    **{f"signs:{name}": replace(row, address=f"/signs/{row.address}") for name, row in SIGNS.items()},
    **{f"assessment:{name}": replace(row, address=f"/assessment/{row.address}") for name, row in ASSESSMENT.items()},
    "desk:index": Row("/desk/", {200: DESK}, 403),
    "desk:find": Row("/desk/find/", {302: DESK}, 403, data={}),
    "desk:new": Row("/desk/new/", {200: DESK}, 403),
    "desk:views": Row("/desk/views/", {200: DESK}, 403),
    "desk:save_view": Row("/desk/views/new/", {200: DESK}, 403),
    "desk:delete_view": Row("/desk/views/1/delete/", {302: DESK}, 403, data={}),
    "desk:bulk": Row("/desk/bulk/", {400: DESK}, 403, data={}),
    "desk:job": Row("/desk/bulk/1/", {404: DESK}, 403),
    "desk:live": Row("/desk/live/", {200: DESK}, 403),
    "desk:undo": Row("/desk/undo/", {403: DESK}, 403, data={}),
    "desk:seen": Row("/desk/seen/", {302: DESK}, 403, data={}),
    "desk:keys": Row("/desk/keys/", {302: DESK}, 403, data={}),
    "desk:text_used": Row("/desk/texts/1/used/", {204: DESK}, 403, data={}),
    "desk:arrived": Row("/desk/arrived/?arrived=1", {200: DESK}, 403),
    "desk:row": Row("/desk/{order}/row/", _at_the_desk(200), 403),
    "desk:claim": Row("/desk/{order}/claim/", _at_the_desk(200), 403, data={}),
    "desk:release": Row("/desk/{order}/release/", _at_the_desk(204), 403, data={}),
    **{f"desk:{name}": row for name, row in room("/desk/", DESK).items()},
    "inbox:index": Row("/inbox/", {200: INBOX}, 403),
    "inbox:sign_many": Row("/inbox/sign/", {400: INBOX}, 403, data={}),
    "inbox:text_used": Row("/inbox/texts/1/used/", {204: INBOX}, 403, data={}),
    **{f"inbox:{name}": row for name, row in room("/inbox/", INBOX).items()},
    "board:index": Row("/board/", {200: BOARD}, 403),
    "board:reports": Row("/board/reports/", {200: BOARD}, 403),
    "board:sheet": Row("/board/reports/2026-03/", {200: BOARD}, 403),
    "board:case": Row("/board/{order}/case/", seen(BOARD), 403),
    **{f"board:{name}": row for name, row in room("/board/", BOARD, led_away=OWN_ROOM_ELSEWHERE).items()},
    "notices:list": Row("/notices/"),
    "notices:count": Row("/notices/count/"),
    "notices:read_all": Row("/notices/read/", otherwise=302, data={}),
    "notices:open": Row("/notices/{notice}/", {302: ["handler"]}, 404),
    "notices:read": Row("/notices/{notice}/read/", {302: ["handler"]}, 404, data={}),
    "photos:photo": Row("/photos/{photo}/", {200: SEES}, 404),
    "photos:marked": Row("/photos/{photo}/marked/", {200: SEES}, 404),
    "photos:release": Row("/photos/{photo}/release/", {200: RELEASES, 403: NOT_THEIRS}, 404),
    "photos:thumbnail": Row("/photos/{photo}/thumbnail/", {200: SEES}, 404),
    "map:index": Row("/map/"),
    "map:shape": Row("/map/shapes/620105006001001/"),
    "map:outlines": Row("/map/outlines/620105006001/grid/16/x/"),
    **{
        f"map:{name}": Row(f"/map/{name}/", {404: ["former"]})
        for name in ("figures", "points", "heat", "panel", "list", "wall")
    },
    "areas:index": Row("/areas/", {200: ["system_admin", "admin"]}, 403),
    "areas:outline": Row("/areas/620105006001001/", {200: ["system_admin", "admin"]}, 403),
    "areas:new": Row("/areas/new/?under=620105006001", {200: ["system_admin", "admin"]}, 403),
    **{
        f"areas:{name}": Row(f"/areas/620105006001001/{name}/", {200: ["system_admin", "admin"]}, 403)
        for name in ("edit", "close", "split", "merge")
    },
    "areas:changes": Row("/areas/changes/", {200: ["system_admin", "admin"]}, 403),
    "areas:change": Row("/areas/changes/999999/", otherwise=404),
    "areas:cancel": Row("/areas/changes/999999/cancel/", otherwise=404, data={}),
    **{f"units:{name}": replace(row, address=f"/units/{row.address}") for name, row in UNITS.items()},
    **{f"people:{name}": replace(row, address=f"/people/{row.address}") for name, row in PEOPLE.items()},
    "routing:index": Row("/routing/", ADMINISTERS, 403),
    "routing:new": Row("/routing/new/", ADMINISTERS, 403),
    "routing:row": Row("/routing/1/", {404: ["system_admin", "admin"]}, 403),
    "taxonomy:index": Row("/taxonomy/", ADMINISTERS, 403),
    "taxonomy:new": Row("/taxonomy/new/", ADMINISTERS, 403),
    "taxonomy:category": Row("/taxonomy/0501/", ADMINISTERS, 403),
    "calendar:index": Row("/calendar/", ADMINISTERS, 403),
    "calendar:day": Row("/calendar/day/", ADMINISTERS, 403),
    "calendar:paste": Row("/calendar/paste/", ADMINISTERS, 403),
    "texts:index": Row("/texts/", ADMINISTERS, 403),
    "texts:new": Row("/texts/new/", ADMINISTERS, 403),
    "texts:text": Row("/texts/0/", {404: ["system_admin", "admin"]}, 403),
    "m:today": Row("/m/", {200: FIELD}, 403),
    "m:orders": Row("/m/orders/", {200: FIELD}, 403),
    "m:report": Row("/m/report/"),
    "m:place": Row("/m/report/place/"),
    "m:similar": Row("/m/report/similar/"),
    "m:same": Row("/m/report/{order}/same/", {403: ["admin"], 302: SEES}, 404, data={"description": "also here"}),
    "m:sent": Row("/m/report/{order}/sent/", {200: SEES}, 404),
    "m:locate": Row("/m/locate/"),
    "m:outbox": Row("/m/outbox/"),
    "m:whoami": Row("/m/outbox/whoami/"),
    "m:receipts": Row("/m/outbox/receipts/?number={order}"),
    "m:pocket": Row("/m/outbox/pocket/", {200: FIELD}, 403),
    "m:changes": Row("/m/outbox/{order}/changes/?since=1", {200: SEES}, 404),
    "m:outbox_photo": Row("/m/outbox/{order}/photos/7f1c3a52-0d1e-4a0b-9d53-5c2f0d7f6b11/", otherwise=405),
    **{f"m:{name}": row for name, row in room("/m/orders/", FIELD).items()},
    "public:choose": Row("/r/", stranger=200),
    "public:privacy": Row("/r/privacy/", stranger=200),
    "public:report": Row("/r/620105006001001/", stranger=200),
    "public:locate": Row("/r/locate/", stranger=200),
    "public:find": Row("/t/", stranger=200),
    "public:track": Row("/t/{token}/", stranger=200),
    "public:receipt": Row("/t/{token}/receipt/", stranger=200),
    "public:photo": Row("/t/{token}/photos/{photo}/", otherwise=404, stranger=404),
    "pwa:manifest": Row("/manifest.webmanifest", stranger=200),
    "pwa:service_worker": Row("/sw.js", stranger=200),
    "account:start": Row("/", otherwise=302),
    "account:login": Row("/login/", otherwise=302, stranger=200),
    "account:logout": Row("/logout/", otherwise=302, data={}),
    "account:me": Row("/me/"),
    "account:password": Row("/me/password/"),
    "account:end_token": Row("/me/tokens/1/end/", otherwise=302, data={}),
    "account:language": Row("/i18n/", otherwise=302, data={"language": "en"}),
    "account:letters": Row("/i18n/letters/", otherwise=302, data={"mode": "large"}),
}


def named_addresses(resolver=None, space: str = "") -> set[str]:
    """Every named address of the pages as `room:name`."""
    found = set()
    for one in (resolver or get_resolver("pages.urls")).url_patterns:
        if isinstance(one, URLResolver):
            found |= named_addresses(one, one.app_name or space)
        elif isinstance(one, URLPattern):
            found.add(f"{space}:{one.name}")
    return found


def test_every_address_has_a_row():
    assert named_addresses() - set(ROWS) == set(), "say in ROWS who gets what at these addresses"
    assert set(ROWS) - named_addresses() == set(), "these addresses are gone"


@pytest.fixture
def filled(town):
    """The town with an order, a photo of it, and the handler's notice about it."""
    order = in_status(town, "dispatched")
    photo = commands.attach(order, by=town.officer, at=clock.now(), photo=imaging.read_photo(jpeg()), kind="report")
    outbox.drain()
    notice = Notice.objects.get(person=town.handler, kind="dispatch")
    receipt = report(None, source=None)
    spot = spots.open_spot(town.main_grid, name="3号楼", on=clock.today())
    town.names = {
        "handler": town.handler.pk,
        "post": town.handler.posts.get().pk,
        "spot": spot.code,
        "order": order.number,
        "photo": photo.pk,
        "notice": notice.pk,
        "token": receipt.token,
    }
    return town


@pytest.fixture
def assessed(filled):
    """And last month computed, with the score of the main grid."""
    month = periods.month_at(clock.now()).before()
    at = month.since + dt.timedelta(days=14, hours=10)
    bring(report(filled.officer, at=at), filled, "closed", at=at + dt.timedelta(hours=2))
    run = assessing.start(month.text, by=filled.assessor, at=clock.now())
    assessing.carry_out(run.pk, at=clock.now())
    score = Score.objects.get(run=run, area=filled.main_grid, level="grid")
    item = assessing.enter(
        period=month.text, area=filled.main_grid.code, code="K08", cause="Staged", by=filled.assessor, at=clock.now(),
        evidence=ContentFile(b"%PDF-1.4", "proof.pdf"),
    )  # fmt: skip
    filled.names |= {"run": run.pk, "score": score.pk, "scheme": run.version.scheme.code, "item": item.pk}
    filled.names["record"] = assessing.note(
        by=filled.assessor,
        at=clock.now(),
        kind="sample",
        area=filled.main_grid.code,
        on=month.first,
        done="no",
        key="x",
    ).pk
    return filled


def ask(client, row: Row, names: dict) -> int:
    """What the address answers to whoever is logged in; streamed files are read."""
    address = row.address.format(**names)
    answer = client.get(address) if row.data is None else client.post(address, row.data)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_person_gets_what_the_row_says(request, client, name, monkeypatch):
    monkeypatch.setattr("pages.desk.live.LASTS", 0.01)
    filled = request.getfixturevalue("assessed" if name.startswith("assessment:") else "filled")
    row, wrong = ROWS[name], {}
    for person in EVERYBODY:
        client.force_login(getattr(filled, person))
        found = ask(client, row, filled.names)
        if found != row.expected(person):
            wrong[person] = (found, row.expected(person))
    client.logout()
    if (found := ask(client, row, filled.names)) != row.stranger:
        wrong["a stranger"] = (found, row.stranger)
    assert wrong == {}, "(found, expected)"
