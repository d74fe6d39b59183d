"""Worlds that are built once for all tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lenger_core.terrain import Terrain, lenger_terrain, load_globe
from lenger_sim.worlds.builder import build_world
from lenger_sim.worlds.layout import WorldFiles
from lenger_sim.worlds.models import part_of
from lenger_sim.worlds.spec import load_world, world_names

from .stubs import stub_part, tiny


@pytest.fixture(scope="session")
def terrain() -> Terrain:
    return lenger_terrain()


@pytest.fixture(scope="session")
def globe() -> Terrain:
    return load_globe()


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory, terrain: Terrain) -> Path:
    """A folder with all the worlds that ship."""
    folder = tmp_path_factory.mktemp("worlds")
    for name in world_names():
        build_world(load_world(name), terrain, folder, part_of)
    return folder


@pytest.fixture(scope="session")
def small_once(tmp_path_factory: pytest.TempPathFactory, globe: Terrain) -> Path:
    """A folder with the small world, to be left as it is."""
    folder = tmp_path_factory.mktemp("small")
    build_world(tiny(), globe, folder, stub_part)
    return folder


@pytest.fixture
def small(small_once: Path, tmp_path: Path) -> WorldFiles:
    """The small world, to be spoilt by one test."""
    return WorldFiles(shutil.copytree(small_once, tmp_path / "small"), "tiny")
