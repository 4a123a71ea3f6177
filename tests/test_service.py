"""What the service answers: pictures, or a sentence in JSON."""

import base64
import json
import re
import socket
from typing import get_args

import pytest
import requests

from colornet.cli import names
from colornet.service import asked, page
from support.pictures import content, waves
from support.service import PATIENCE, PHOTO, Colorizer, picture, sentence, serving

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
