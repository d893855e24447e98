"""Signs: who prints which, what stands on them, codes that scanners read, spots, and where an old sign leads."""

import io
import re

import pytest
import segno
from pypdf import PdfReader

from core import clock
from grids import commands as grid_commands
from grids import spots
from grids.commands import Opening
from grids.models import Area, Spot
from pages.signs import printing, sheet
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db
GRID = "620105006001001"


@pytest.fixture
def reader(client, town):
    client.cookies.load({"gridgov_language": "en"})
    Area.objects.filter(pk=town.main_grid.pk).update(phone="0931-7660001")
    return client


@pytest.fixture
def clerk(reader, town):
    reader.force_login(town.clerk)
    return reader


@pytest.fixture
def spot(town):
    lon, lat = town.inside(town.main_grid)
    return spots.open_spot(town.main_grid, name="3号楼一单元", lon=lon, lat=lat, on=clock.today())


def text(response) -> str:
    return response.content.decode()


def pdf_pages(response) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(response.content)).pages]


# --- what stands on a sign -------------------------------------------------------------------------------------------


def test_a_sign_names_the_grid_its_phone_and_nobody(clerk, town):
    page = text(clerk.get(f"/signs/{GRID}/")).partition('<article class="sign"')[2].partition("</article>")[0]
    assert "农大一网格" in page and "安宁区 银滩路街道 农大社区" in page and "0931-7660001" in page
    assert "620 105 006 001 001" in page and "testserver/r/" in page
    assert not any(person.name in page for person in town.people)


def test_the_code_leads_to_the_report_page(clerk, spot, settings):
    for code in (GRID, spot.code):
        drawn = clerk.get(f"/signs/{code}.svg")
        assert drawn["Content-Type"] == "image/svg+xml"
        assert drawn.content == sheet.svg(f"http://testserver/r/{code}/") and b"viewBox" in drawn.content
    settings.PUBLIC_URL = "https://gridgov.example"
    assert clerk.get(f"/signs/{GRID}.svg").content == sheet.svg(f"https://gridgov.example/r/{GRID}/")
    assert "gridgov.example/r/" in text(clerk.get(f"/signs/{GRID}/"))


def test_the_paper_carries_the_same_code(clerk, spot):
    """The squares of the PDF, read back as modules, are the code of the address."""
    page = PdfReader(io.BytesIO(clerk.get(f"/signs/{spot.code}.pdf").content)).pages[0]
    drawn = page.get_contents().get_data().decode("latin-1")
    boxes = [tuple(map(float, box)) for box in re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re", drawn)]
    boxes = [box for box in boxes if box[2] < 280]  # without the coloured band
    side = min(box[3] for box in boxes)
    left, top = min(box[0] for box in boxes), max(box[1] for box in boxes)
    dark = {
        (round((top - y) / side), round((x - left) / side) + step)
        for x, y, width, _height in boxes
        for step in range(round(width / side))
    }
    rows = segno.make(f"http://testserver/r/{spot.code}/", error="m", micro=False).matrix
    assert dark == {(row, column) for row, line in enumerate(rows) for column, module in enumerate(line) if module}


def test_papers_hold_one_page_for_each_grid_and_spot(clerk, spot):
    pages = pdf_pages(clerk.get("/signs/620105006001.pdf"))
    assert len(pages) == 3
    assert "农大一网格" in pages[0] and "3号楼一单元" in pages[1] and "农大二网格" in pages[2]
    assert "09317660001" in pages[0].replace("-", "") and "119" in pages[0]
    assert len(pdf_pages(clerk.get(f"/signs/{GRID}.pdf"))) == 2
    assert len(pdf_pages(clerk.get(f"/signs/{spot.code}.pdf"))) == 1
    clerk.cookies.load({"gridgov_language": "zh-hans"})
    assert "扫一扫" in pdf_pages(clerk.get(f"/signs/{GRID}.pdf"))[0]


def test_too_many_at_once_are_refused_with_words(reader, town, monkeypatch):
    monkeypatch.setattr("pages.signs.papers.MOST", 1)
    reader.force_login(town.instructor)
    answer = reader.get("/signs/620105006000.pdf")
    assert answer.status_code == 409 and "community by community" in text(answer)


# --- whose -----------------------------------------------------------------------------------------------------------


def test_the_way_begins_at_ones_own_posts(reader, town):
    reader.force_login(town.chief)
    assert reader.get("/signs/")["Location"] == f"/signs/{GRID}/"
    reader.force_login(town.clerk)
    page = text(reader.get("/signs/"))
    assert "农大一网格" in page and "农大二网格" in page and "石磊庄" not in page and "Print all 2 signs" in page
    reader.force_login(town.instructor)
    page = text(reader.get("/signs/"))
    assert "?under=620105006001" in page and "?under=620105006002" in page and "620105001005" not in page
    reader.force_login(town.admin)
    assert "?under=620105000000" in text(reader.get("/signs/")) and "?under=620102000000" in text(reader.get("/signs/"))


def test_grids_out_of_reach_are_not_there(reader, town):
    far = spots.open_spot(town.far_grid, name="西门", on=clock.today())
    reader.force_login(town.clerk)
    for code in (town.far_grid.code, far.code, "620102000000", "999999999999999"):
        assert reader.get(f"/signs/{code}/").status_code == reader.get(f"/signs/{code}.pdf").status_code == 404
        assert reader.get("/signs/", {"under": code}).status_code == 404
    assert reader.post(f"/signs/{far.code}/close/").status_code == 404
    assert Spot.objects.get(pk=far.pk).ends is None


def test_people_whose_posts_print_no_signs_are_told(reader, town):
    for person in (town.officer, town.handler, town.acceptor):
        reader.force_login(person)
        answer = reader.get("/signs/")
        assert answer.status_code == 403 and "printed by grid leaders" in text(answer)


# --- spots -----------------------------------------------------------------------------------------------------------


def test_a_spot_is_opened_and_closed_on_the_page(clerk, town):
    answer = clerk.post(f"/signs/{GRID}/", {"name": "北门", "lon": "103.705", "lat": "36.105"})
    spot = Spot.objects.get()
    assert answer["Location"] == f"/signs/{spot.code}/" and (spot.lon, spot.lat) == (103.705, 36.105)
    assert "北门" in text(clerk.get(f"/signs/{spot.code}/")) and spot.code in text(clerk.get(f"/signs/{GRID}/"))
    assert clerk.post(f"/signs/{spot.code}/close/")["Location"] == f"/signs/{GRID}/"
    assert clerk.get(f"/signs/{spot.code}/").status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "3号楼一单元"}, "already has a spot"),
        ({"name": "北门", "lon": "103.7"}, "longitude and a latitude"),
        ({"name": "北门", "lon": "far", "lat": "36"}, "Enter a number"),
    ],
)
def test_a_spot_that_is_refused_keeps_what_was_entered(clerk, spot, given, words):
    answer = clerk.post(f"/signs/{GRID}/", given)
    assert answer.status_code == 400 and words in text(answer) and Spot.objects.count() == 1
    assert not given["name"] or f'value="{given["name"]}"' in text(answer)


def test_a_report_from_a_spot_carries_its_name_and_position(client, town, spot):
    page = text(client.get(f"/r/{spot.code}/"))
    assert "农大一网格 · 3号楼一单元" in page and 'value="3号楼一单元"' in page
    client.post(f"/r/{spot.code}/", {"description": "灯不亮", "category": "0603", "address": ""})
    order = WorkOrder.objects.get()
    assert (order.lon, order.lat) == town.inside(town.main_grid)
    assert order.address == "3号楼一单元" and order.area == town.main_grid


def test_old_and_mistyped_signs_lead_on(client, town, spot):
    client.cookies.load({"gridgov_language": "en"})
    spots.close_spot(spot, on=clock.today())
    page = text(client.get(f"/r/{spot.code}/"))
    assert "农大一网格" in page and "3号楼一单元" not in page, "the grid's own page"
    wrong = spot.code[:-1] + str((int(spot.code[-1]) + 1) % 10)
    answer = client.get(f"/r/{wrong}/")
    assert answer.status_code == 404 and "One of the figures" in text(answer)
    unknown = client.get(f"/r/{spots.code_of(spot.pk + 500)}/")
    assert unknown.status_code == 404 and "leads to no grid" in text(unknown)


def test_a_spot_of_a_split_grid_leads_to_the_new_one(client, town, spot):
    lon, lat = town.inside(town.main_grid)
    halves = {"1": (lon - 0.005, lon), "2": (lon, lon + 0.005)}
    openings = [
        Opening(
            code=f"62010500600110{half}",
            name=f"农大新{half}网格",
            kind="urban",
            geometry={
                "type": "Polygon",
                "coordinates": [[[west, 36.1], [east, 36.1], [east, 36.11], [west, 36.11], [west, 36.1]]],
            },
        )
        for half, (west, east) in halves.items()
    ]
    Spot.objects.filter(pk=spot.pk).update(lon=lon - 0.001)
    grid_commands.split_area(town.main_grid, into=openings, on=clock.today())
    assert "农大新1网格" in text(client.get(f"/r/{spot.code}/"))


def test_codes_can_be_typed_into_the_search(client, town, spot):
    assert client.get("/r/", {"q": spots.spoken(spot.code)})["Location"] == f"/r/{spot.code}/"
    assert client.get("/r/", {"q": GRID})["Location"] == f"/r/{GRID}/"


def test_everybody_who_prints_is_a_role():
    assert set(printing.PRINTERS) <= set(printing.Role)
