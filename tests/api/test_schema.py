"""The description of the API: whole, without warnings, and readable without any network."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from tests.api.conftest import ROOT

PATHS = """
auth/token/ me/ areas/ areas/{code}/ areas/locate/ units/ categories/ deadlines/ workorders/ workorders/{number}/
workorders/{number}/moves/ workorders/{number}/moves/{name}/ workorders/{number}/attachments/
workorders/{number}/similar/ workorders/{number}/reveal/ notices/ notices/{id}/read/ public/reports/
public/reports/{token}/ public/reports/{token}/remarks/ public/reports/{token}/rating/ suggestions/ people/
people/{id}/posts/ posts/ posts/{id}/end/
""".split()


@pytest.mark.django_db
def test_the_schema_is_made_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


@pytest.fixture
def schema(api):
    answer = api.nobody.get("schema/", headers={"Accept": "application/vnd.oai.openapi+json, application/json"})
    assert answer.status_code == 200 and "json" in answer["Content-Type"]
    return answer.json()


@pytest.mark.django_db
def test_every_address_of_the_contract_is_in_it(schema):
    assert schema["openapi"].startswith("3.")
    assert {ROOT + path for path in PATHS} <= set(schema["paths"])


@pytest.mark.django_db
def test_it_says_what_the_contract_says(schema):
    orders = schema["paths"][ROOT + "workorders/"]
    names = {parameter["name"] for parameter in orders["get"]["parameters"]}
    filters = "status category area source urgency difficulty unit mine overdue card q near"
    assert names >= {*filters.split(), "reported_after", "reported_before", "due_before"}
    assert names >= {"ordering", "cursor", "page_size", "count"}
    page = orders["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    page = schema["components"]["schemas"][page["$ref"].rsplit("/", 1)[1]]
    assert page["properties"]["results"]["type"] == "array"
    assert "Idempotency-Key" in {parameter["name"] for parameter in orders["post"]["parameters"]}
    assert "201" in orders["post"]["responses"]
    for path in ("moves/", "similar/"):
        found = schema["paths"][f"{ROOT}workorders/{{number}}/{path}"]["get"]["responses"]["200"]
        assert found["content"]["application/json"]["schema"]["type"] == "array"
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert schema["paths"][ROOT + "public/reports/"]["post"].get("security") in (None, [], [{}])


@pytest.mark.django_db
def test_it_also_comes_as_yaml(api):
    answer = api.nobody.get("schema/", headers={"Accept": "*/*"})
    assert answer.status_code == 200 and answer.content.startswith(b"openapi: 3.")


@pytest.mark.django_db
def test_its_page_needs_no_other_server_and_no_inline_script(api):
    answer = api.nobody.get("docs/")
    page = answer.content.decode()
    assert answer.status_code == 200 and not re.search(r"https?://", page)
    for script in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert "src=" in script[0] and not script[1].strip()
    assert "style=" not in page and "<style" not in page and not re.search(r"\son\w+=", page)
    for address in re.findall(r'(?:src|href)="/static/([^"]+)"', page):
        assert finders.find(address), address
    assert "nonce" not in page and "script-src 'self'" in answer["Content-Security-Policy"]
