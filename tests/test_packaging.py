"""What is shipped works without the checkout, and without Node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from ai_viewer import __version__
from tests.running import running

ROOT = Path(__file__).parents[1]
PACKAGE = Path("ai_viewer")


def build(kind: str, source: Path, folder: Path, **variables: str) -> Path:
    """Build ``kind`` with the environment's own tools, so that nothing is fetched for it."""
    command = [
        sys.executable,
        "-m",
        "build",
        f"--{kind}",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(source),
    ]
    done = subprocess.run(
        command, env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert done.returncode == 0, done.stdout.decode()
    (made,) = folder.iterdir()
    return made


@pytest.mark.serial
@pytest.mark.timeout(300)
def test_the_wheel_from_the_sdist_runs_in_a_bare_environment(tmp_path: Path) -> None:
    """From checkout to sdist, wheel and an empty environment: the commands work and the web app is there."""
    sdist = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    assert (source / "frontend" / "package-lock.json").exists()
    assert not (source / "frontend" / "node_modules").exists()

    # An sdist carries the web app: npm is not asked, and could not answer.
    wheel = build(
        "wheel", source, tmp_path / "wheel", npm_config_offline="true", npm_config_cache=str(tmp_path / "no")
    )
    assert wheel.name == f"ai_viewer-{__version__}-py3-none-any.whl"
    names = {Path(name) for name in zipfile.ZipFile(wheel).namelist()}
    assert {
        PACKAGE / "py.typed",
        PACKAGE / "store" / "schema.sql",
        PACKAGE / "static" / "index.html",
    } <= names
    assert any(name.is_relative_to(PACKAGE / "demo" / "sessions" / "codex") for name in names)
    assert any(name.suffix == ".js" for name in names)
    assert any(name.suffix == ".woff2" for name in names)
    assert {name.parts[0] for name in names} == {"ai_viewer", f"ai_viewer-{__version__}.dist-info"}

    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    installed = subprocess.run([*pip, str(wheel)], capture_output=True, text=True, check=False)
    if installed.returncode and not os.environ.get("CI"):
        pytest.skip(f"the dependencies could not be installed: {installed.stderr}")
    assert installed.returncode == 0, installed.stderr

    def output(*command: str) -> str:
        return subprocess.run(
            [programs / command[0], *command[1:]], cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    assert output("ai-viewer", "--version").strip() == __version__
    assert output("ai-viewer-ingest", "--version").strip() == __version__
    assert json.loads(output("ai-viewer", "openapi"))["openapi"].startswith("3.")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [str(programs / "ai-viewer"), "demo", "--no-open", "--port", "0"]
    with running(command, tmp_path, os.environ | {"TMPDIR": str(temporary)}) as server:
        page = server.get("/").decode()
        assert "<script" in page
        assert "not built" not in page
        assert server.interrupt() == 0
    assert not list(temporary.glob("ai-viewer*"))
