"""The parent of a server sends the anchors of votes soon after they were made, beside the processes that answer pages.

`flask remind` sends them too: what could not be delivered, and where pages are served in another way.
"""

import logging
import threading
import time
from collections.abc import Mapping

from votes import clock
from votes.clock import now
from votes.db import Database, scoped
from votes.demo import clock as demo_clock
from votes.services.people import bodies
from votes.services.publication import anchor_parcels, reminders
from votes.services.publication.senders import Parcel

log = logging.getLogger(__name__)

#: Seconds between looks for new anchors, and from a failure of a place's channel to the next try.
PERIOD = 5
AGAIN = 600


class AnchorSender:
    """Looks for anchors that have not left, and sends them in a thread of its own."""

    def __init__(self, database: Database, settings: Mapping[str, str]) -> None:
        self._database, self._settings = database, settings
        self._stopping = threading.Event()
        self._failed: dict[tuple[int, str], float] = {}  # (body, channel) → when
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; a parcel on its way is not waited for."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD):
            try:
                self.look()
            except Exception as error:  # the database is away, a setting cannot be read: look again
                log.error("anchors cannot be sent: %s", type(error).__name__)

    def look(self) -> None:
        """Send what has not left, except by channels that have failed a short time ago."""
        clock.ahead.set(demo_clock.ahead(self._database))
        for parcel in self._waiting():
            channel = parcel.body_id, parcel.channel
            if time.monotonic() - self._failed.get(channel, -AGAIN) < AGAIN or self._stopping.is_set():
                continue
            outcome = reminders.send(self._database, parcel, self._settings, now=now())
            if outcome.failed:
                self._failed[channel] = time.monotonic()
                log.warning("an anchor of body %s was not delivered: %s", parcel.body_id, outcome.words)

    def _waiting(self) -> list[Parcel]:
        parcels: list[Parcel] = []
        with self._database.work(write=False):
            for body_id in anchor_parcels.body_ids(now()):
                with scoped(body_id):
                    body = bodies.get_body(body_id)
                    assert body is not None
                    parcels += anchor_parcels.waiting(body, stamps=bool(self._settings["TSA_URL"]), now=now())
        return parcels
