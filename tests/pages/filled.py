"""What a form on a page would send as it stands: for tests that go through several steps of one form."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.form, self.select, self.text = [], None, None, None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.form = []
            self.forms.append(self.form)
        elif self.form is None:
            return
        elif tag == "input" and given.get("name"):
            if given.get("type") not in ("checkbox", "radio", "file") or "checked" in given:
                self.form.append((given["name"], given.get("value") or "on" * ("checked" in given)))
        elif tag == "select":
            self.select = given.get("name")
        elif tag == "option" and self.select and "selected" in given:
            self.form.append((self.select, given.get("value", "")))
        elif tag == "textarea":
            self.text = given.get("name")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.text = None

    def handle_data(self, data):
        if self.text and self.form is not None:
            self.form.append((self.text, data.lstrip("\n")))


def filled(page: str, **holds: str) -> dict[str, list[str]]:
    """The values of the first form that holds these: `filled(page, step="look")`."""
    parser = _Forms()
    parser.feed(page)
    form = next(one for one in parser.forms if set(holds.items()) <= set(one))
    values: dict[str, list[str]] = {}
    for name, value in form:
        values.setdefault(name, []).append(value)
    values.pop("csrfmiddlewaretoken", None)
    return values
