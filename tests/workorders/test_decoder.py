"""The processes that decode photos: kept, limited, replaced, never shared across a fork."""

import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from core.errors import Invalid
from tests.workorders import images
from workorders import decoder, imaging
from workorders.imaging import read_photo


@pytest.fixture(scope="module", autouse=True)
def _helpers_of_our_own():
    imaging.close()
    yield
    imaging.close()


def helper_pids() -> set[int]:
    return {helper.process.pid for helper in imaging._helpers.all}


JPEG = images.encoded(images.scene(), "JPEG")


def test_one_helper_serves_photo_after_photo():
    read_photo(JPEG)
    before = helper_pids()
    for _turn in range(5):
        read_photo(JPEG)
    assert helper_pids() == before


def test_helpers_hold_little():
    read_photo(JPEG)
    pid = helper_pids().pop()
    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\x00")
    assert {line.split(b"=")[0] for line in environment if line} <= {
        b"MALLOC_ARENA_MAX",
        b"LD_LIBRARY_PATH",
        b"LC_CTYPE",
    }
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(rf"Max address space\s+{decoder.MEMORY}\s+{decoder.MEMORY}", limits)
    assert re.search(r"Max file size\s+0\s+0", limits)
    assert re.search(r"Max cpu time\s+\d+\s", limits)


def test_a_dead_helper_is_replaced_unnoticed():
    read_photo(JPEG)
    for pid in helper_pids():
        os.kill(pid, signal.SIGKILL)
    assert read_photo(JPEG).width == 800


def test_a_helper_that_dies_over_a_photo_is_tried_once_more(monkeypatch):
    asked = imaging._Helper.ask
    deaths = []

    def ask(helper, kind, data):
        if not deaths:
            deaths.append(helper)
            helper.process.kill()
            helper.process.wait()
        return asked(helper, kind, data)

    monkeypatch.setattr(imaging._Helper, "ask", ask)
    assert read_photo(JPEG).width == 800
    assert deaths


def test_a_photo_that_kills_every_helper_is_refused(monkeypatch):
    def ask(helper, kind, data):
        raise imaging._Died

    monkeypatch.setattr(imaging._Helper, "ask", ask)
    with pytest.raises(Invalid) as refused:
        read_photo(JPEG)
    assert refused.value.data["reason"] == "heavy"
    monkeypatch.undo()
    assert read_photo(JPEG).width == 800


def test_a_helper_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(imaging, "TIMEOUT_SECONDS", 0.3)
    read_photo(JPEG)
    stopped = helper_pids()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(Invalid) as refused:
        read_photo(JPEG)
    assert refused.value.data["reason"] == "heavy"
    monkeypatch.undo()
    assert read_photo(JPEG).width == 800
    imaging.close()
    assert not helper_pids()


def test_processor_time_is_limited_for_each_photo(monkeypatch):
    """The kernel ends a helper that computes too long; the caller does not ask again."""
    read_photo(JPEG)
    helper = imaging._helpers.idle[-1]
    ended = []

    def ask(self, kind, data):
        ended.append(self)
        os.kill(self.process.pid, signal.SIGXCPU)
        self.process.wait()
        raise imaging._Died

    monkeypatch.setattr(imaging._Helper, "ask", ask)
    with pytest.raises(Invalid):
        read_photo(JPEG)
    assert ended == [helper]


def test_a_helper_that_cannot_start_is_no_fault_of_the_photo(monkeypatch):
    imaging.close()
    monkeypatch.setattr(
        imaging.subprocess, "Popen", lambda *args, **options: (_ for _ in ()).throw(OSError("no memory"))
    )
    with pytest.raises(imaging.TooMany) as refused:
        read_photo(JPEG)
    assert refused.value.code == "photos_busy"


def test_threads_share_two_helpers():
    imaging.close()
    found, most = [], []

    def work():
        for _turn in range(4):
            found.append(read_photo(JPEG))
            most.append(len(imaging._helpers.all))

    threads = [threading.Thread(target=work) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 32
    assert len(set(found)) == 1
    assert max(most) <= imaging.HELPERS


def test_when_all_are_busy_the_sender_is_asked_to_wait(monkeypatch):
    monkeypatch.setattr(imaging, "QUEUE_SECONDS", 0.05)
    for _helper in range(imaging.HELPERS):
        imaging._helpers.turns.acquire()
    try:
        with pytest.raises(imaging.TooMany) as refused:
            read_photo(JPEG)
    finally:
        for _helper in range(imaging.HELPERS):
            imaging._helpers.turns.release()
    assert refused.value.code == "photos_busy"


def test_a_forked_process_starts_its_own_helper():
    read_photo(JPEG)
    before = helper_pids()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            photo = read_photo(JPEG)
            own = helper_pids()
            os.write(writer, b"good" if photo.width == 800 and not own & before else b"bad")
            imaging.close()
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"good"
    os.close(reader)
    assert read_photo(JPEG).width == 800
    assert helper_pids() == before


def test_helpers_end_with_the_process_that_started_them():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            read_photo(JPEG)
            os.write(writer, str(helper_pids().pop()).encode())
        finally:
            os._exit(1)
    os.close(writer)
    os.waitpid(child, 0)
    pid = int(os.read(reader, 20))
    os.close(reader)
    for _wait in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError("the helper lives on")


def test_the_decoder_talks_by_its_protocol():
    """Without the caller: one good request, one bad, then the end of the input."""
    facts, jpeg, thumbnail = decoder.answer(JPEG, "JPEG")
    assert facts["width"] == 800 and facts["height"] == 600 and jpeg and thumbnail
    assert decoder.answer(JPEG, "PNG") == ({"error": "broken"}, b"", b"")
    imaging.warm_up()
    assert len(imaging._helpers.idle) >= 1
