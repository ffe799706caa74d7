"""The web app's files."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ai_viewer.server import static

Client = TestClient[Litestar]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of the web app, beside a file that is not part of it."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>the app")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "index-abc123.js").write_text("go()")
    (folder / ".built-from").write_text("digest")
    (tmp_path / "secret.txt").write_text("hidden words")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(static, "FOLDER", folder)
    return folder


@pytest.mark.usefixtures("built")
class TestBuilt:
    @pytest.mark.parametrize("path", ["/", "/sessions", "/s/claude_code%3A1.2.3", "/sources?x=1", "/a/b/c"])
    def test_the_page_answers_for_every_path_of_the_app(self, client: Client, path: str) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, "<!doctype html>the app")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-cache"

    def test_assets_are_kept_for_ever_other_files_are_not(self, client: Client) -> None:
        asset, icon = client.get("/assets/index-abc123.js"), client.get("/favicon.svg")
        assert asset.headers["content-type"] == "text/javascript; charset=utf-8"
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert icon.headers["content-type"].startswith("image/svg+xml")
        assert icon.headers["cache-control"] == "no-cache"

    @pytest.mark.parametrize("path", ["/assets/index-old.js", "/favicon.ico", "/x.map"])
    def test_a_file_that_is_gone_is_not_the_page(self, client: Client, path: str) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.json()["status_code"]) == (404, 404)

    @pytest.mark.parametrize(
        "path",
        [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/assets/..%2f..%2fsecret.txt",
            "/link.txt",
            "/.built-from",
            "/..%5csecret.txt",
            "//secret.txt",
            "/%00",
            "/assets%2f..%2f.built-from",
        ],
    )
    def test_nothing_else_is_handed_out(self, client: Client, path: str) -> None:
        answer = client.get(path)
        assert "hidden words" not in answer.text
        assert "digest" not in answer.text
        assert answer.status_code in {200, 404}


def test_without_a_build_the_page_says_what_to_do(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API works all the same."""
    monkeypatch.setattr(static, "FOLDER", tmp_path / "none")
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make ui" in answer.text
    assert client.get("/assets/x.js").status_code == 404
    assert client.get("/api/sessions").status_code == 200
