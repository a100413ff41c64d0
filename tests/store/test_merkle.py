import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import LogError
from bimetal.store import merkle

# The eight leaves and roots of the Certificate Transparency test suite (RFC 6962).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


def _vectors():
    folder = os.environ.get("BIMETAL_BENCH_VECTORS") or Path(__file__).parents[3] / "shared" / "vectors"
    path = Path(folder) / "rfc6962.json"
    return json.loads(path.read_text()) if path.exists() else []


def _bytes(encoded):
    return base64.b64decode(encoded)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_of_certificate_transparency(size):
    assert merkle.root(HASHES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_root_is_the_hash_of_nothing():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.skipif(not _vectors(), reason="the transparency-dev vectors are not here (set BIMETAL_BENCH_VECTORS)")
def test_every_published_vector_good_and_corrupted():
    wrong = []
    for vector in _vectors():
        proof = [_bytes(each) for each in vector["proof"] or []]
        try:
            if vector["kind"] == "inclusion":
                leaf, root = _bytes(vector["leafHash"]), _bytes(vector["root"])
                merkle.verify_inclusion(vector["leafIdx"], vector["treeSize"], leaf, proof, root)
            else:
                roots = _bytes(vector["root1"]), _bytes(vector["root2"])
                merkle.verify_consistency(vector["size1"], vector["size2"], proof, *roots)
            refused = False
        except LogError:
            refused = True
        if refused != vector["wantErr"]:
            wrong.append(vector["case"])
    assert wrong == []


@given(st.integers(1, 70), st.data())
def test_every_inclusion_proof_holds_and_no_other_index_or_size_takes_it(size, data):
    hashes = [merkle.leaf_hash(bytes([each])) for each in range(size)]
    index = data.draw(st.integers(0, size - 1))
    root, proof = merkle.root(hashes), merkle.inclusion_proof(index, size, merkle.nodes(hashes))
    merkle.verify_inclusion(index, size, hashes[index], proof, root)
    other = data.draw(st.integers(0, size + 2).filter(lambda each: each != index))
    with pytest.raises(LogError):
        merkle.verify_inclusion(other, size, hashes[index], proof, root)
    with pytest.raises(LogError):
        merkle.verify_inclusion(index, size, hashes[index], [*proof, root], root)
    if proof:
        with pytest.raises(LogError):
            merkle.verify_inclusion(index, size, hashes[index], proof[:-1], root)


@given(st.integers(1, 70), st.data())
def test_every_consistency_proof_holds_and_one_flipped_bit_breaks_it(new, data):
    hashes = [merkle.leaf_hash(bytes([each])) for each in range(new)]
    old = data.draw(st.integers(1, new))
    before, after = merkle.root(hashes[:old]), merkle.root(hashes)
    proof = merkle.consistency_proof(old, new, merkle.nodes(hashes))
    merkle.verify_consistency(old, new, proof, before, after)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        changed = (int.from_bytes(proof[place]) ^ 1 << bit).to_bytes(32)
        with pytest.raises(LogError):
            merkle.verify_consistency(old, new, [*proof[:place], changed, *proof[place + 1 :]], before, after)
        with pytest.raises(LogError):
            merkle.verify_consistency(old, new, proof[1:], before, after)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40))
def test_the_root_follows_the_recursive_definition(leaves):
    def definition(hashes):
        if len(hashes) == 1:
            return hashes[0]
        split = 1
        while split * 2 < len(hashes):
            split *= 2
        return merkle.node_hash(definition(hashes[:split]), definition(hashes[split:]))

    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    assert merkle.root(hashes) == definition(hashes)


def test_proofs_from_or_of_an_empty_log_are_refused():
    with pytest.raises(LogError):
        merkle.verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    with pytest.raises(LogError):
        merkle.verify_consistency(0, 8, [], merkle.EMPTY_ROOT, merkle.root(HASHES))
    with pytest.raises(LogError):
        merkle.verify_inclusion(0, 0, HASHES[0], [], HASHES[0])
    with pytest.raises(LogError, match="choose an old size between 1 and 8"):
        merkle.consistency_proof(0, 8, merkle.nodes(HASHES))
    with pytest.raises(LogError, match="entry 8 is not in a log of 8 entries"):
        merkle.inclusion_proof(8, 8, merkle.nodes(HASHES))
