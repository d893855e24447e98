"""How many SQL statements each kind of request sends, counted in the process that answers it. Prints JSON."""

import json
import re
import uuid

import django

# One message to the database may hold several; setting a limit for a moment is none.
_STATEMENT = re.compile(r"(?:^|;)\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b")


def main() -> None:
    """Report, move, list and read through Django's client; the fewest of three tries, when all copies are warm."""
    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench import cast as people

    cast = people.find()

    def count(method: str, path: str, role: str, body: dict | None = None) -> tuple[int, dict]:
        client = Client(
            headers={"Authorization": f"Token {cast['tokens'][role]}", "Idempotency-Key": str(uuid.uuid4())}
        )
        with CaptureQueriesContext(connection) as sent:
            answer = (
                getattr(client, method)(path, data=body, content_type="application/json")
                if body is not None
                else client.get(path)
            )
        if answer.status_code >= 300:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]}")
        return sum(len(_STATEMENT.findall(one["sql"])) for one in sent.captured_queries), answer.json()

    report = {"description": "小区门口堆放建筑垃圾", "category": "0502", "area": cast["grid"]}
    found: dict[str, int] = {}
    for _try in range(3):
        number_of, order = count("post", "/api/v1/workorders/", "officer", report)
        seen = {"create": number_of}
        path = f"/api/v1/workorders/{order['number']}/"
        seen["accept"], _order = count("post", f"{path}moves/accept/", "acceptor", {"category": "0502"})
        seen["dispatch"], _order = count("post", f"{path}moves/dispatch/", "dispatcher", {"unit": cast["unit"]})
        seen["sign"], _order = count("post", f"{path}moves/sign/", "handler", {})
        seen["list"], _page = count("get", "/api/v1/workorders/", "dispatcher")
        seen["list_ordinary"], _page = count("get", "/api/v1/workorders/", "handler")
        seen["detail"], _order = count("get", path, "dispatcher")
        found = seen if not found else {name: min(found[name], seen[name]) for name in seen}
    print(json.dumps(found))  # noqa: T201 - this is how the parent process hears of it


if __name__ == "__main__":
    main()
