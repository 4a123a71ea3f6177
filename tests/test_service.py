"""What the service answers: pictures, and sentences in JSON; its limits, its queue, its end."""

import base64
import contextlib
import io
import json
import re
import socket
import time
from typing import get_args

import numpy as np
import pytest
import requests
from PIL import Image

from colornet.cli import names
from colornet.service import asked, page, workers
from support.pictures import content, png_file, waves
from support.service import PATIENCE, PHOTO, Colorizer, sending, serving, until

GREY = content(waves().convert("L"), "PNG")
HINTS = '{"colornet-hints": 1, "hints": [{"x": 0.5, "y": 0.5, "colour": "#2f6b3a"}]}'
BASE64 = base64.b64encode(PHOTO).decode()


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


def sentence(answer: requests.Response) -> str:
    """The sentence of a refused request, after a check that it is nothing else."""
    assert answer.headers["content-type"] == "application/json"
    (key, said), *rest = answer.json().items()
    assert key == "error" and not rest and said and "\n" not in said
    return said


def picture(answer: requests.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def taken(running) -> int:
    """How many places are taken."""
    return running.workers.running + running.workers.waiting


def test_a_form_a_plain_body_and_json_get_the_same_picture(service):
    answers = [service.post(), service.form(file=("a.jpg", PHOTO)), service.json({"image": BASE64})]
    assert len({answer.content for answer in answers}) == 1
    assert picture(answers[0]).format == "JPEG" and picture(answers[0]).size == (64, 48)
    for answer in answers:
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["colornet-run"] == "still"
        assert answer.headers["colornet-notes"] == "made grey first"


def test_the_result_has_the_format_of_the_source_or_the_one_that_is_asked_for(service):
    assert picture(service.post(GREY)).format == "PNG"
    assert picture(service.post(GREY, path="/colorize?format=webp")).format == "WEBP"
    assert picture(service.json({"image": BASE64, "format": "tiff"})).format == "TIFF"
    gif = service.form(file=("a.gif", content(waves().quantize(8), "GIF")))
    assert picture(gif).format == "PNG"
    assert gif.headers["content-disposition"] == "inline; filename*=UTF-8''a-colour.png"


def test_compare_gives_both_pictures_side_by_side(service):
    answer = service.post(path="/colorize?compare=true&name=a.jpg")
    assert picture(answer).size == (128, 48)
    assert answer.headers["content-disposition"].endswith("a-compare.jpg")


def test_what_json_says_goes_before_the_parameters_in_the_address(service):
    address = f"{service.address}/colorize?format=webp&compare=true"
    answer = requests.post(address, json={"image": BASE64, "format": "png"}, timeout=PATIENCE)
    assert picture(answer).format == "PNG" and picture(answer).size == (128, 48)


def test_hints_come_in_the_address_in_a_part_or_in_json(service, still):
    still.begun.clear()
    sent = [
        service.post(path=f"/colorize?hints={requests.utils.quote(HINTS)}"),
        service.form(file=("a.jpg", PHOTO), hints=("a.hints.json", HINTS)),
        service.form(file=("a.jpg", PHOTO), hints=(None, HINTS)),
        service.json({"image": BASE64, "hints": json.loads(HINTS)}),
    ]
    assert [answer.headers["colornet-notes"] for answer in sent] == ["made grey first; 1 hint"] * 4
    assert still.begun == [((64, 48), 1)] * 4


def test_a_name_with_folders_and_other_letters_is_a_name_only(service):
    answer = service.form(file=("..\\../etc/Größe 1.jpg", PHOTO))
    assert answer.headers["content-disposition"].endswith("''Gr%C3%B6%C3%9Fe%201-colour.jpg")


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("quality=101", 422, "quality is '101': input should be less than or equal to 100"),
        ("saturation=-1", 422, "saturation is '-1': input should be greater than or equal to 0"),
        ("saturation=nan", 422, "saturation is 'nan': input should be a finite number"),
        ("format=gif", 422, "format is 'gif': input should be"),
        ("sat=1", 422, "the parameter sat is not known; /docs lists those that are"),
        ("run=../../etc", 404, "there is no run '../../etc'; GET /runs lists them"),
        ("hints=%7B", 422, "the hints cannot be used: the file is not JSON"),
        ("hints=[]", 422, "the hints cannot be used: the file holds no hints"),
    ],
)
def test_a_wrong_parameter_is_named(service, query, status, said):
    answer = service.post(path=f"/colorize?{query}")
    assert answer.status_code == status
    assert sentence(answer).startswith(said)


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b"", "image/jpeg", 422, "the body holds no picture"),
        (b"no picture", "", 422, "the file is no picture"),
        (PHOTO[:500], "image/jpeg", 422, "the file is damaged"),
        (PHOTO, "application/x-www-form-urlencoded", 415, "the Content-Type"),
        (PHOTO, "multipart/form-data", 400, "the body is no whole multipart/form-data"),
        (b"--x\r\n", "multipart/form-data; boundary=x", 422, "the body has no file"),
        (b"x" * 99, "multipart/form-data; boundary=x", 400, "the body is no whole"),
        (b"{", "application/json", 400, "the body is not what /docs describes"),
        (b"[" * 100_000, "application/json", 400, "the body is not what /docs describes"),
        (b"[]", "application/json", 422, "the body is not what /docs describes"),
        (b"{}", "application/json", 422, "the parameter image is missing"),
        (b'{"image": 3}', "application/json", 422, "image is 3: input should be a valid string"),
        (b'{"image": "%"}', "application/json", 422, "image is not base64"),
        (b'{"image": "", "url": ""}', "application/json", 422, "the parameter url is not known"),
    ],
)
def test_a_wrong_body_is_refused_with_a_sentence(service, body, kind, status, said):
    answer = service.post(body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert sentence(answer).startswith(said)


def test_a_form_needs_one_file_and_has_nothing_else(service):
    assert "'other' is not expected" in sentence(service.form(other=("a.jpg", PHOTO)))
    assert "has no file" in sentence(service.form(file=(None, "text")))
    twice = [("file", ("a.jpg", PHOTO)), ("file", ("b.jpg", PHOTO))]
    address = f"{service.address}/colorize"
    answer = requests.post(address, files=twice, timeout=PATIENCE)
    assert answer.status_code == 422 and "'file' is not expected" in sentence(answer)
    assert service.form(a=("a", b"1"), b=("b", b"2"), c=("c", b"3")).status_code == 400


def test_paths_and_methods_that_do_not_exist_get_a_sentence(service):
    assert sentence(service.get("/nothing")) == "there is no /nothing; /docs lists what there is"
    answer = service.get("/colorize")
    assert answer.status_code == 405 and answer.headers["allow"] == "POST"
    assert sentence(answer) == "/colorize does not answer GET; /docs says what it answers"


def test_what_is_no_http_gets_a_sentence_too(service):
    with socket.create_connection(service.place, PATIENCE) as connection:
        connection.sendall(b"HELO\r\n\r\n")
        head, body = connection.makefile("rb").read().split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"].startswith("the request is no HTTP/1.1")


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


def test_the_runs_to_choose_from_are_those_that_are_installed(service):
    runs = {run["name"]: run for run in service.get("/runs").json()["runs"]}
    assert set(runs) == {"beta-siamese", "lite-photos"}
    assert [name for name, run in runs.items() if run["default"]] == ["lite-photos"]
    assert runs["lite-photos"]["model"] == "lite" and runs["lite-photos"]["size"] == 256


def test_the_figures_count_requests_errors_and_the_queue(still):
    with serving(still) as running:
        running.post(), running.post(b"none"), running.get("/nothing")
        answer = running.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    for line in (
        'colornet_requests_total{path="/colorize",status="200"} 1.0',
        'colornet_errors_total{status="422"} 1.0',
        'colornet_requests_total{path="other",status="404"} 1.0',
        "colornet_seconds_count 1.0",
        "colornet_pixels_total 3072.0",
        "colornet_waiting 0.0",
        "colornet_running 0.0",
    ):
        assert line in lines


def test_openapi_has_every_parameter_body_and_status(service):
    schema = service.get("/openapi.json").json()
    operation = schema["paths"]["/colorize"]["post"]
    assert {each["name"] for each in operation["parameters"]} == set(asked.Query.model_fields)
    bodies = operation["requestBody"]["content"]
    assert set(bodies["application/json"]["schema"]["properties"]) == set(asked.Body.model_fields)
    assert set(bodies["multipart/form-data"]["schema"]["properties"]) == {"file", "hints"}
    statuses = {"200", "400", "404", "408", "413", "415", "422", "503", "504"}
    assert set(operation["responses"]) == statuses
    for status in statuses - {"200"}:
        told = operation["responses"][status]["content"]["application/json"]["schema"]
        assert told == {"$ref": "#/components/schemas/Error"}


def test_docs_need_nothing_from_another_server(service):
    answer = service.get("/docs")
    assert answer.headers["content-security-policy"] == page.HEADERS["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="([^"]*)"', answer.text) == ["openapi.json"]
    assert "<script" not in answer.text
    for name in (*asked.Query.model_fields, "POST /colorize", "GET /runs", "GET /metrics"):
        assert f"<code>{name}</code>" in answer.text


def test_the_formats_are_those_of_the_command():
    assert set(get_args(get_args(asked.Options.model_fields["format"].annotation)[0])) == set(
        names.FORMATS
    )
