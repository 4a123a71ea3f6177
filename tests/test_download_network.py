"""A download without a network, or with a broken one, gets a sentence that names the cause."""

import socket
import ssl
import subprocess

import pytest

from support.downloads import CONTENT, get, left, record_pauses
from support.server import Fault


def failing_lookup(number: int):
    def lookup(*_, **__):
        raise socket.gaierror(number, "cannot be resolved")

    return lookup


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (socket.EAI_NONAME, "http://nowhere/a: this host is not known"),
        (socket.EAI_AGAIN, "http://nowhere/a: there is no network: names cannot be looked up"),
    ],
)
def test_a_failed_name_lookup_is_explained_without_a_pause(
    downloads, monkeypatch, number, sentence
):
    monkeypatch.setattr(socket, "getaddrinfo", failing_lookup(number))
    pauses = record_pauses(monkeypatch)
    with pytest.raises(ValueError, match=sentence):
        get("http://nowhere/a")
    assert not pauses and not left(downloads)


def test_an_unreachable_network_is_explained(downloads, monkeypatch):
    def connect(*_, **__):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(ValueError, match="there is no network: the host cannot be reached"):
        get("http://127.0.0.1:9/a")


def test_a_port_without_a_server_is_explained(downloads):
    with pytest.raises(ValueError, match="127.0.0.1:9/a: it refuses the connection"):
        get("http://127.0.0.1:9/a")


def test_a_network_that_fails_during_the_transfer_is_tried_again(server, monkeypatch):
    address = server.add("/a", CONTENT, Fault(cut=30_000)).replace("127.0.0.1", "localhost")
    real, calls = socket.getaddrinfo, []

    def lookup(*arguments, **options):
        calls.append(arguments)
        if len(calls) in (2, 3):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert get(address) == CONTENT
    assert len(calls) == 4


def test_a_missing_proxy_is_explained(server, monkeypatch):
    address = server.add("/a", CONTENT).replace("127.0.0.1", "colornet.invalid")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(ValueError, match="the proxy in HTTPS_PROXY or HTTP_PROXY does not forward"):
        get(address)


def test_an_untrusted_certificate_is_explained(server, tmp_path):
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    try:
        subprocess.run([*command, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    address = server.add("/a", CONTENT).replace("http://127.0.0.1", "https://localhost")
    with pytest.raises(ValueError, match="its certificate is not trusted.*REQUESTS_CA_BUNDLE"):
        get(address)
