"""Ways out of the site for notices. A channel is a function (notice, text) that raises when it could not send."""

import logging

from core.vault import mask_phone
from workorders.models import Notice

logger = logging.getLogger("gridgov.notices")


def console(notice: Notice, text: str) -> None:
    """Write the notice into the log, with the phone it would go to masked: for trying out and for tests."""
    logger.info("notice %s to %s (%s): %s", notice.pk, notice.person.username, mask_phone(notice.person.phone), text)


CHANNELS = {"console": console}
