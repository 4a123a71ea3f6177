"""Every way of giving credentials that kagglehub knows outside a notebook reaches Kaggle."""

import json

import pytest

from support.kaggle import CREDENTIALS, expected, fetch, found, without_credentials

pytestmark = pytest.mark.slow


@pytest.fixture
def server(downloads, tmp_path, monkeypatch):
    with without_credentials(tmp_path, monkeypatch) as server:
        yield server


def by_token(home, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", "token")


def by_token_file(home, monkeypatch):
    (home / "token").write_text("token")
    monkeypatch.setenv("KAGGLE_API_TOKEN", str(home / "token"))


def by_access_token(home, monkeypatch):
    (home / ".kaggle").mkdir()
    (home / ".kaggle/access_token").write_text("token\n")


def by_name_and_key(home, monkeypatch):
    monkeypatch.setenv("KAGGLE_USERNAME", "me")
    monkeypatch.setenv("KAGGLE_KEY", "key")


def by_json_in_another_folder(home, monkeypatch):
    (home / "kaggle.json").write_text(json.dumps({"username": "me", "key": "key"}))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(home))


def by_login(home, monkeypatch):
    import kagglehub

    monkeypatch.setattr(kagglehub.config, "_kaggle_credentials", None)
    kagglehub.config.set_kaggle_credentials("me", "key")


BEARER, BASIC = "Bearer token", "Basic bWU6a2V5"  # me:key
WAYS = {
    by_token: BEARER,
    by_token_file: BEARER,
    by_access_token: BEARER,
    by_name_and_key: BASIC,
    by_json_in_another_folder: BASIC,
    by_login: BASIC,
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_giving_credentials_reaches_kaggle(server, into, tmp_path, monkeypatch, way):
    way(tmp_path / "home", monkeypatch)
    fetch(into)
    assert server.asked[0][1] == WAYS[way]
    assert found(into) == expected()


def test_without_credentials_the_sentence_lists_the_ways(server, into):
    with pytest.raises(ValueError, match="train.zip: there are no credentials") as caught:
        fetch(into)
    sentence = str(caught.value)
    for way in (*CREDENTIALS, "access_token", "kaggle.json", "source: microsoft"):
        assert way in sentence
    assert not found(into) and not server.asked


def test_a_broken_credentials_file_is_named(server, into, tmp_path, monkeypatch):
    by_json_in_another_folder(tmp_path / "home", monkeypatch)
    (tmp_path / "home/kaggle.json").write_text("{")
    with pytest.raises(ValueError, match="Invalid Kaggle credentials file at .*kaggle.json"):
        fetch(into)
