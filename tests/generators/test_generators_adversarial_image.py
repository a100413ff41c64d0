"""Attacks: bounds hold in the file's own pixel values, gradients are right, attacks beat noise, any callable is taken."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from bimetal.errors import InputError
from bimetal.generators import adversarial_image as attacks
from bimetal.generators._pictures import png
from bimetal.generators.adversarial_image import AdversarialImage
from bimetal.payload import pixels

IMAGES = np.rint(load_digits().images * 255 / 16).astype(np.uint8)
TRUTH = load_digits().target
MODEL = LogisticRegression(max_iter=500).fit(IMAGES[:600].reshape(600, 64) / 255, TRUTH[:600])
X, Y = IMAGES[600:640], TRUTH[600:640]
RADIUS = 24


def ask(images):
    return MODEL.predict_proba(images.reshape(len(images), -1) / 255)


def accuracy(images, model=ask):
    return (model(images).argmax(axis=1) == Y).mean()


def test_differences_are_the_gradient_of_a_linear_model():
    scores = MODEL.decision_function(X.reshape(40, 64) / 255)
    scores[np.arange(40), Y] = -np.inf
    exact = (MODEL.coef_[scores.argmax(axis=1)] - MODEL.coef_[Y]) / 255
    found = attacks.finite_differences(ask, X, Y, step=1).reshape(40, 64)
    close = np.isclose(found, exact, atol=1e-9).all(axis=1)
    assert close.mean() > 0.9  # where the best other class changes within a step the margin has a corner


def test_random_directions_lean_the_same_way():
    exact = attacks.finite_differences(ask, X, Y).reshape(40, -1)
    guess = attacks.random_directions(np.random.default_rng(0), 400)(ask, X, Y).reshape(40, -1)
    cosine = (exact * guess).sum(axis=1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(guess, axis=1)
    assert cosine.mean() > 0.7


def moved(method, radius=RADIUS, model=ask, images=X, labels=Y):
    rng = np.random.default_rng(0)
    more = {"square": (rng,), "noise": ()}.get(method, ())
    if method == "noise":
        return attacks.noise(images, radius, rng)
    return getattr(attacks, method)(model, images, labels, radius, *more)


@pytest.mark.parametrize("method", ["fgsm", "pgd", "square", "noise"])
@pytest.mark.parametrize("radius", [1, 24, 255])
def test_no_pixel_moves_further_than_epsilon(method, radius):
    found = moved(method, radius)
    assert found.dtype == np.uint8
    assert abs(found.astype(int) - X).max() <= radius


def test_attacks_beat_noise_of_the_same_size_and_steps_beat_one():
    clean, noisy = accuracy(X), accuracy(moved("noise"))
    fast, slow, blind = (accuracy(moved(method)) for method in ("fgsm", "pgd", "square"))
    assert clean > 0.9
    assert noisy > clean - 0.1
    assert slow <= fast < noisy - 0.3
    assert blind < noisy - 0.3


def test_a_patch_changes_one_square_alone():
    found = attacks.patch(ask, X, Y, 3, np.random.default_rng(0))
    changed = found != X
    for each in changed:
        down, across = np.nonzero(each)
        assert np.ptp(down) < 3
        assert np.ptp(across) < 3
    control = attacks.noise_patch(X, 3, np.random.default_rng(0))
    assert accuracy(found) < accuracy(control) - 0.2


@pytest.mark.parametrize("shape", [(6, 6, 3), (5, 9)], ids=str)
def test_colour_and_oblong_pictures_are_attacked(shape):
    images = np.random.default_rng(0).integers(60, 190, (4, *shape)).astype(np.uint8)
    weights = np.random.default_rng(1).normal(size=int(np.prod(shape)))

    def model(x):
        score = (x.reshape(len(x), -1) / 255 - 0.5) @ weights
        return np.stack([1 / (1 + np.exp(score)), 1 / (1 + np.exp(-score))], axis=1)

    labels = model(images).argmax(axis=1)
    for method in ("fgsm", "pgd", "square"):
        found = moved(method, 8, model, images, labels)
        assert found.shape == images.shape
        before, after = (attacks.margin(model(each), labels) for each in (images, found))
        assert (after > before).all()
    assert attacks.patch(model, images, labels, 2, np.random.default_rng(0)).shape == images.shape


def test_a_model_without_any_gradient_is_attacked_all_the_same():
    forest = RandomForestClassifier(60, random_state=0).fit(IMAGES[:600].reshape(600, 64), TRUTH[:600])

    def model(x):
        return forest.predict_proba(x.reshape(len(x), 64))

    assert accuracy(moved("square", 48, model), model) < accuracy(moved("noise", 48), model) - 0.3


def test_certainty_is_no_shelter():
    def sure(x):
        hard = np.exp(60 * MODEL.decision_function(x.reshape(len(x), 64) / 255).clip(-10, 10))
        return hard / hard.sum(axis=1, keepdims=True)

    assert np.max(sure(X), axis=1).min() > 1 - 1e-9
    assert accuracy(moved("pgd", RADIUS, sure), sure) < accuracy(X, sure) - 0.3


def seed_rows(n=200):
    return pa.table(
        {
            "id": [f"d{row}" for row in range(n)],
            "image": pa.array([png(each) for each in IMAGES[:n]], pa.binary()),
            "label": TRUTH[:n].astype(str).tolist(),
        }
    )


def test_rows_keep_the_bound_after_png_and_say_what_the_model_said():
    seed = seed_rows()
    rows = pa.Table.from_batches(AdversarialImage(epsilon=32)(128, np.random.default_rng(0), seed))
    clean = dict(zip(seed["id"].to_pylist(), pixels(seed), strict=True))
    label = dict(zip(seed["id"].to_pylist(), seed["label"].to_pylist(), strict=True))
    for picture, row in zip(pixels(rows), rows.to_pylist(), strict=True):
        assert abs(picture.astype(int) - clean[row["twin"]]).max() <= row["epsilon"]
        assert row["epsilon"] == (255 if row["method"] == "patch" else 32)
        assert row["label"] == label[row["twin"]]
        assert row["fooled"] == (row["said"] != row["said_clean"])
    told = rows.to_pylist()
    for attack, control in zip(told[::2], told[1::2], strict=True):
        assert (attack["role"], control["role"]) == ("adversarial", "control")
        assert (attack["twin"], attack["method"]) == (control["twin"], control["method"])
    fooled = {
        role: np.mean([row["fooled"] for row in told if row["role"] == role]) for role in ("adversarial", "control")
    }
    assert fooled["adversarial"] > fooled["control"] + 0.15


def test_any_learner_of_pictures_can_be_named():
    rows = AdversarialImage(learner="scattering", methods=("fgsm",))(4, np.random.default_rng(0), seed_rows(60))
    assert pa.Table.from_batches(rows).num_rows == 4


def test_pictures_too_large_for_every_coordinate_are_attacked_by_directions():
    wide = np.kron(IMAGES[:60], np.ones((5, 5), np.uint8))
    seed = seed_rows(60).set_column(1, "image", pa.array([png(each) for each in wide], pa.binary()))
    drawn = AdversarialImage(epsilon=100, methods=("fgsm",))(64, np.random.default_rng(0), seed)
    rows = pa.Table.from_batches(drawn).to_pylist()
    fooled = {
        role: np.mean([row["fooled"] for row in rows if row["role"] == role]) for role in ("adversarial", "control")
    }
    assert fooled["adversarial"] > fooled["control"] + 0.2


BAD = {
    "one class": (
        seed_rows(40).filter(pa.array([row == "3" for row in seed_rows(40)["label"].to_pylist()])),
        "one class",
    ),
    "no label known": (seed_rows(3).set_column(2, "label", pa.nulls(3, pa.string())), "empty"),
    "texts": (pa.table({"text": ["a"], "label": ["x"]}), "expected `image`"),
}


@pytest.mark.parametrize(("seed", "words"), BAD.values(), ids=BAD.keys())
def test_seed_rows_that_cannot_be_used_are_refused(seed, words):
    with pytest.raises(InputError, match=words):
        list(AdversarialImage()(2, np.random.default_rng(0), seed))


@pytest.mark.parametrize(
    "bad", [{"epsilon": 0}, {"epsilon": 300}, {"methods": ()}, {"methods": ("x",)}, {"learner": 1}]
)
def test_bad_arguments_are_refused(bad):
    with pytest.raises(InputError):
        AdversarialImage(**bad)


def test_arrays_of_the_wrong_kind_are_refused():
    with pytest.raises(InputError, match="the images are float64"):
        attacks.fgsm(ask, X / 255, Y, 8)
    with pytest.raises(InputError, match=r"labels have shape \(3,\) for 40 images"):
        attacks.fgsm(ask, X, Y[:3], 8)
    with pytest.raises(InputError, match="side is 9 in pictures of 8 x 8"):
        attacks.patch(ask, X, Y, 9, np.random.default_rng(0))
