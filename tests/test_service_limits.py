"""What the service refuses: its limits, its queue, its end."""

import base64
import contextlib
import json
import re
import socket
import time

import numpy as np
import pytest
from PIL import Image

from colornet.service import workers
from support.pictures import content, png_file
from support.service import (
    PATIENCE,
    PHOTO,
    Colorizer,
    sending,
    sentence,
    serving,
    taken,
    until,
)


@pytest.fixture(scope="module")
def still():
    return Colorizer()


@pytest.fixture(scope="module")
def service(still):
    with serving(still) as running:
        yield running


@pytest.fixture
def blocked():
    """A colorizer that waits until its event `go` is set."""
    colorizer = Colorizer()
    colorizer.go.clear()
    return colorizer


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(service, still):
    still.begun.clear()
    answer = service.post(png_file(2000, 1000, 8, 0), path="/colorize?name=large.png")
    assert answer.status_code == 413
    text = "large.png has 2,000,000 pixels, more than the limit of 1,000,000"
    assert sentence(answer) == text and not still.begun


@pytest.mark.parametrize("head", ["Content-Length: 900000000", "Transfer-Encoding: chunked"])
def test_a_body_that_is_too_long_is_refused_while_it_is_read(service, head):
    with socket.create_connection(service.place, PATIENCE) as connection:
        start = f"POST /colorize HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n"
        connection.sendall(start.encode())
        if "chunked" in head:  # one byte more than the limit; the end never comes
            connection.sendall(b"%x\r\n" % (10**6 + 1) + bytes(10**6 + 1))
        answer = connection.makefile("rb")
        assert answer.readline().split()[1] == b"413"
    text = "the picture has more bytes than the limit of 1,000,000"
    assert sentence(service.form(file=("a.jpg", bytes(10**6 + 1)))) == text
    long = base64.b64encode(bytes(10**6 + 1)).decode()
    assert sentence(service.json({"image": long})) == text


def test_a_body_that_does_not_arrive_is_refused_after_the_time_limit(still):
    with serving(still, seconds=0.2) as running:
        with socket.create_connection(running.place, PATIENCE) as connection:
            start = b"POST /colorize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
            connection.sendall(start + b"half")
            head, body = connection.makefile("rb").read().split(b"\r\n\r\n")
        assert head.split()[1] == b"408"
        assert json.loads(body)["error"].startswith("the body did not arrive within 0.2 seconds")
        until(lambda: not running.workers.waiting)


def test_requests_beyond_the_places_are_told_when_to_come_again(blocked):
    with serving(blocked, waiting=1) as running:
        most = running.workers.count + 1
        with sending(most, running.post) as answers:
            until(lambda: taken(running) == most)
            refused = running.post()
            assert refused.status_code == 503
            assert 1 <= int(refused.headers["retry-after"])
            assert sentence(refused).startswith(f"all {most} places are taken: try again in")
            assert running.get("/healthz").status_code == 200
            blocked.go.set()
        assert [answer.status_code for answer in answers] == [200] * most
        until(lambda: taken(running) == 0)
        assert running.post().status_code == 200


def test_a_picture_whose_time_is_over_is_answered_and_keeps_its_place_while_its_thread_runs(
    blocked,
):
    with serving(blocked, waiting=0, seconds=0.3) as running:
        with sending(running.workers.count, running.post) as answers:
            pass
        assert [answer.status_code for answer in answers] == [504] * running.workers.count
        assert "took longer than the limit of 0.3 seconds" in sentence(answers[0])
        assert running.post().status_code == 503
        blocked.go.set()
        until(lambda: running.post().status_code == 200)


def test_a_picture_whose_time_is_over_while_it_waits_is_not_begun(blocked):
    with serving(blocked, waiting=3, seconds=0.3) as running:
        count = running.workers.count
        with sending(count + 2, running.post) as answers:
            pass
        assert [answer.status_code for answer in answers] == [504] * (count + 2)
        blocked.go.set()
        until(lambda: taken(running) == 0)
        assert len(blocked.begun) == count


def test_a_client_that_leaves_gives_up_its_place(blocked):
    with serving(blocked, waiting=2) as running:
        count = running.workers.count
        with sending(count, running.post):
            until(lambda: running.workers.running == count)
            with socket.create_connection(running.place, PATIENCE) as connection:
                head = f"Content-Length: {len(PHOTO)}\r\n\r\n".encode()
                connection.sendall(b"POST /colorize HTTP/1.1\r\nHost: a\r\n" + head + PHOTO)
                until(lambda: running.workers.waiting == 1)
            until(lambda: running.workers.waiting == 0)
            blocked.go.set()
        assert len(blocked.begun) == count


def test_large_pictures_are_not_coloured_together(monkeypatch):
    monkeypatch.setattr(workers, "PIXELS", 5000)
    room, entered = workers._Room(), []

    def enter(pixels: int) -> None:
        room.enter(pixels, lambda: time.monotonic() + PATIENCE)
        entered.append(pixels)

    enter(3000)
    with sending(1, lambda: enter(4000)):
        enter(1000)  # a small one fits beside the first
        assert entered == [3000, 1000]
        room.leave(3000)
    assert entered == [3000, 1000, 4000]


def test_an_unexpected_error_of_one_picture_is_its_own(still, caplog):
    with serving(still) as running:
        still.fault = RuntimeError("by design")
        answer = running.post(path="/colorize?name=a.jpg")
        still.fault = None
        assert answer.status_code == 500
        assert sentence(answer) == "a.jpg caused an unexpected RuntimeError: by design"
        assert "by design" in caplog.text  # with its traceback, for the operator
        assert running.post().status_code == 200


def test_only_who_sends_the_token_is_served(still):
    with serving(still, token="secret") as running:
        for headers in ({}, {"Authorization": "Bearer secre"}, {"Authorization": "Basic secret"}):
            answer = running.post(headers=headers)
            assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
            assert "the token is missing or wrong" in sentence(answer)
        right = {"Authorization": "Bearer secret"}
        assert running.post(headers=right).status_code == 200
        for path in ("/runs", "/metrics"):
            assert running.get(path).status_code == 401
            assert running.get(path, headers=right).status_code == 200
        assert running.get("/healthz").json() == {"status": "ready"}


def test_asked_to_stop_it_finishes_what_it_has_and_refuses_what_comes(blocked):
    with serving(blocked) as running:
        count = running.workers.count + 1  # one of them waits
        with sending(count, running.post) as answers:
            until(lambda: taken(running) == count)
            running.asked_to_stop = 15
            until(lambda: _refused(running.place))
            assert running.thread.is_alive() and not answers
            blocked.go.set()
        assert [answer.status_code for answer in answers] == [200] * count
        running.thread.join(PATIENCE)
        assert not running.thread.is_alive()


def _refused(place) -> bool:
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(place, PATIENCE):
        return False
    return True


NOISE = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), dtype=np.uint8)
LARGE = content(Image.fromarray(NOISE), "PNG")  # 3 MB


def tiff_asked(running) -> socket.socket:
    """A connection that asks for an answer of megabytes and has little room to receive it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**15)
    connection.settimeout(PATIENCE)
    connection.connect(running.place)
    start = "POST /colorize?format=tiff HTTP/1.0\r\nContent-Length: "
    connection.sendall(f"{start}{len(LARGE)}\r\n\r\n".encode() + LARGE)
    return connection


def answered(connection) -> tuple[int, bytes]:
    """The length that an answer announces, and the body that came."""
    head, _, body = connection.makefile("rb", buffering=0).read().partition(b"\r\n\r\n")
    return int(re.search(rb"content-length: (\d+)", head)[1]), body


def test_a_slow_client_gets_its_picture_whole_and_one_that_stops_loses_it(still):
    limits = {"max_pixels": 10**7, "max_bytes": 10**7}
    still.begun.clear()
    with serving(still, **limits) as running, tiff_asked(running) as connection:
        until(lambda: ((1000, 1000), 0) in still.begun and not running.workers.running)
        length, body = answered(connection)
        assert len(body) == length > 2**20
    with serving(still, seconds=1, **limits) as running, tiff_asked(running) as connection:
        until(lambda: taken(running))
        until(lambda: not taken(running))  # as it is until the answer is sent
        length, body = answered(connection)
        assert len(body) < length
