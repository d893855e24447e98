"""Records from a file: the template, a look at what would happen, the import. Nothing is half imported."""

import contextlib
import hashlib
import re
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from assessment import commands, record_template
from core import clock
from core.errors import Invalid, NotAllowedNow, NotPermitted
from grids.imports.report import Unreadable
from pages.assessment.adjustments import need_assessor
from pages.assessment.record_forms import FileForm
from pages.assessment.records import home, trail
from pages.base import Done, once, page, submitted

KEPT_SECONDS = 24 * 3600
SHOWN = 200
_HELD = re.compile(r"[0-9a-f]{64}\.(csv|xlsx)")


@page
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """First a look: counts and every bad row. Then, when all is well, the import of the very same file."""
    need_assessor(request)
    form = FileForm(request.POST or None, request.FILES or None)
    found, held = None, ""
    if submitted(request, form):
        if request.user.is_superuser:
            raise NotPermitted()
        file = form.cleaned_data["file"]
        if file:
            held = _keep(request, file)
            found = _looked_at(request, held)
        else:
            return once(request, lambda: _imported(request, form.cleaned_data["held"]))
    context = {
        "form": form,
        "found": found,
        "held": held,
        "problems": found.problems[:SHOWN] if found else [],
        "more": max(0, len(found.problems) - SHOWN) if found else 0,
        "columns": record_template.columns(),
        "back": home(),
        "trail": trail((_("Import records"), None)),
    }
    response = render(request, "assessment/record_file.html", context)
    if found is not None and found.problems:
        response.status_code = 400
    return response


def _looked_at(request: HttpRequest, held: str) -> Any:
    return _read(request, _path(request, held), dry=True)


def _imported(request: HttpRequest, held: str) -> Done:
    path = _path(request, held)
    found = _read(request, path, dry=False)
    if found.problems:
        # Something changed since it was looked at: a month was published, a grid moved.
        raise NotAllowedNow("records_changed", _("The file does not fit any more. Look at it once more."))
    path.unlink(missing_ok=True)
    words = ngettext("%(count)d record is new", "%(count)d records are new", found.created) % {"count": found.created}
    rest = _("%(changed)d were set right, %(same)d were there already.")
    text = _("%(new)s; %(rest)s") % {
        "new": words, "rest": rest % {"changed": found.changed, "same": found.unchanged},
    }  # fmt: skip
    return Done(home(), text)


def _read(request: HttpRequest, path: Path, *, dry: bool) -> Any:
    try:
        return commands.import_records(path, by=request.user, at=clock.now(), dry=dry)
    except Unreadable as error:
        problem = error.problem
        words = _("Line %(line)d: %(reason)s") % {"line": problem.line, "reason": problem.reason}
        raise Invalid(errors={"file": [words]}) from error


# -- files between the look and the import ------------------------------------------------------------------------


def _folder(request: HttpRequest) -> Path:
    return Path(settings.MEDIA_ROOT) / "assessment" / "imports" / str(request.user.pk)


def _path(request: HttpRequest, held: str) -> Path:
    """A file this very person sent; nobody else's can be named. Raises NotAllowedNow when it is gone."""
    path = _folder(request) / held
    if not _HELD.fullmatch(held) or not path.is_file():
        raise NotAllowedNow("file_gone", _("The file is not kept any more. Choose it again."))
    return path


def _keep(request: HttpRequest, file: Any) -> str:
    """Put a file aside under its digest, and clear away what this person left behind."""
    folder = _folder(request)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if old.stat().st_mtime < time.time() - KEPT_SECONDS:
                old.unlink()
    content = b"".join(file.chunks())
    name = hashlib.sha256(content).hexdigest() + Path(file.name).suffix.lower()
    (folder / name).write_bytes(content)
    return name


# -- the template -------------------------------------------------------------------------------------------------


@page
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """A workbook with the heads and, below them, what stands in each column."""
    need_assessor(request)
    answer = HttpResponse(
        record_template.workbook(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    answer["Content-Disposition"] = 'attachment; filename="records.xlsx"'
    return answer
