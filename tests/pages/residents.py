"""A resident in the tests: what is filled in and sent without an account, and how a page is read."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.workorders.images import encoded, scene

GRID = "620105006001001"
SEAL = re.compile(r'name="seal" value="([^"]+)"')
ASKED = re.compile(r"How much is (\w+) plus (\w+)\?")
NUMBERS = "zero one two three four five six seven eight nine".split()


def solved(page: str) -> dict:
    """What a person enters who reads the question on the page."""
    one, other = ASKED.search(page).groups()
    return {"seal": SEAL.search(page)[1], "answer": str(NUMBERS.index(one) + NUMBERS.index(other))}


def photo(data: bytes | None = None, name="photo.jpg", kind="image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data if data is not None else encoded(scene(), "JPEG"), kind)


DONE = {"internal_result": "已清运", "public_answer": "已清运", "resolved": True}


def fields(**more) -> dict:
    """What a resident fills in."""
    return {"description": "路灯坏了三天,晚上看不见路", "category": "0603", "reporter_phone": "13912345678", **more}


def send(browser, **more):
    return browser.post(f"/r/{GRID}/", fields(**more))


def text(response) -> str:
    return response.content.decode()


def token_of(response) -> str:
    return response["Location"].split("/")[2]
