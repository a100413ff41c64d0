import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError, LogError
from bimetal.store import merkle
from bimetal.store.tiles import WIDTH, Edge, Tiles, check_length, name


def _leaves(n):
    return [f"entry {each}".encode() for each in range(n)]


def _hashes(n):
    return [merkle.leaf_hash(leaf) for leaf in _leaves(n)]


def _files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@given(st.sampled_from([0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_800]))
@settings(max_examples=12, deadline=None)
def test_an_edge_has_the_root_of_its_leaves(n):
    hashes = [(each).to_bytes(32) for each in range(n)]
    edge = Edge()
    edge.push(hashes)
    assert (edge.size, edge.root()) == (n, merkle.root(hashes))


def test_names_follow_the_specification():
    # https://github.com/C2SP/C2SP/blob/main/tlog-tiles.md: tile 1234067, and partial tiles
    assert name(0, 1234067) == "tile/0/x001/x234/067"
    assert name("entries", 273, 112) == "tile/entries/273.p/112"
    assert name(1, 1, 17) == "tile/1/001.p/17"


def test_the_example_tree_of_the_specification(tmp_path):
    # "a log of size 70,000 is represented by 273 full level 0 tiles, one partial of width 112, one full level 1 tile,
    # one partial level 1 tile of width 17, and one partial level 2 tile of width 1"
    edge = Edge()
    filled = edge.push(each.to_bytes(32) for each in range(70_000))
    full = [level for level, _, _ in filled]
    assert (full.count(0), full.count(1), full.count(2)) == (273, 1, 0)
    assert edge.widths() == (112, 17, 1)


def test_files_of_a_small_tree(tmp_path):
    tiles = Tiles(tmp_path)
    tiles.extend(Edge(), _leaves(300))
    assert _files(tmp_path) == [
        "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44",
    ]  # fmt: skip
    assert (tmp_path / "tile/entries/001.p/44").read_bytes()[:11] == b"\0\x09entry 256"
    assert (tmp_path / "tile/0/000").read_bytes() == b"".join(_hashes(256))
    assert (tmp_path / "tile/1/000.p/1").read_bytes() == merkle.root(_hashes(256))


@pytest.mark.parametrize("stops", [(1, 2), (255, 256, 257), (10, 300, 512), (600,)])
def test_growing_step_by_step_leaves_what_one_write_leaves(tmp_path, stops):
    grown, size = Tiles(tmp_path / "grown"), 0
    for stop in stops:
        grown.extend(grown.edge(size) if size else Edge(), _leaves(stop)[size:])
        grown.publish("note")
        size = stop
        assert grown.edge(size).root() == merkle.root(_hashes(size))
    once = Tiles(tmp_path / "once")
    once.extend(Edge(), _leaves(size))
    once.publish("note")
    assert set(_files(tmp_path / "once")) <= set(_files(tmp_path / "grown"))
    for path in _files(tmp_path / "once"):
        assert (tmp_path / "once" / path).read_bytes() == (tmp_path / "grown" / path).read_bytes()


def test_partial_tiles_go_once_full_and_are_then_read_from_the_full_one(tmp_path):
    tiles = Tiles(tmp_path)
    tiles.extend(Edge(), _leaves(10))
    tiles.extend(tiles.edge(10), _leaves(WIDTH)[10:])
    tiles.publish("note")
    assert not (tmp_path / "tile/0/000.p").exists()
    assert tiles.hashes(0, 0, 10) == _hashes(10)
    assert tiles.entries(0, 10) == _leaves(10)


@pytest.mark.parametrize("size", [1, 2, 7, 256, 300, 1000])
def test_proofs_from_tiles_are_those_of_the_whole_tree(tmp_path, size):
    tiles = Tiles(tmp_path)
    tiles.extend(Edge(), _leaves(size))
    hashes, node = _hashes(size), tiles.node(size)
    for index in {0, size // 2, size - 1}:
        expected = merkle.inclusion_proof(index, size, merkle.nodes(hashes))
        assert merkle.inclusion_proof(index, size, node) == expected
    for old in {1, (size + 1) // 2, size}:
        expected = merkle.consistency_proof(old, size, merkle.nodes(hashes))
        assert merkle.consistency_proof(old, size, node) == expected


def test_proofs_reach_over_a_full_tile_of_tiles():
    hashes = [each.to_bytes(32) for each in range(66_000)]
    edge = Edge()
    kept = {(level, index): row for level, index, row in edge.push(hashes)}
    kept |= {(level, edge.size >> 8 * (level + 1)): row for level, row in enumerate(edge.levels)}

    class Held(Tiles):
        def hashes(self, level, index, width=WIDTH):
            return kept[level, index][:width]

    node = Held(None).node(edge.size)
    for index in (0, 40_000, 65_999):
        expected = merkle.inclusion_proof(index, edge.size, merkle.nodes(hashes))
        assert merkle.inclusion_proof(index, edge.size, node) == expected


def test_entries_that_fit_no_bundle_are_refused_with_a_way_out():
    check_length(bytes(65_535))
    with pytest.raises(InputError, match=r"65536 bytes is too long.*keep the large part in a snapshot"):
        check_length(bytes(65_536))


def test_a_missing_tile_names_the_entries_it_proves(tmp_path):
    tiles = Tiles(tmp_path)
    tiles.extend(Edge(), _leaves(300))
    (tmp_path / "tile/0/001.p/44").unlink()
    with pytest.raises(LogError, match=r"tile/0/001\.p/44 is missing, so entry 256"):
        tiles.hashes(0, 1, 44)
    (tmp_path / "tile/0/000").write_bytes(bytes(32 * 255))
    with pytest.raises(LogError, match="tile/0/000 is cut short, so entry 0"):
        tiles.hashes(0, 0)
