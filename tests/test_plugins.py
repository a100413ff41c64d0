"""Plug-ins are found without importing, made from specs, spelled back, and come from outside packages too."""

import subprocess
import sys
from pathlib import Path

import pytest

from bimetal.errors import InputError, UnknownName
from bimetal.plugins import SHELVES, find, listing, make, names, spec_of
from bimetal.types import Spec

OUTSIDE = Path(__file__).parent / "outside_package"


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_plugin_is_listed_with_a_line_and_found_under_its_name(shelf):
    rows = listing(shelf)
    assert [row.name for row in rows] == list(names(shelf))
    assert all(row.summary for row in rows)


def test_the_nearest_name_is_suggested():
    with pytest.raises(UnknownName, match="no generator is called 'digit'; did you mean 'digits'"):
        find("generators", "digit")
    with pytest.raises(UnknownName, match="no shelf is called 'generator'; did you mean 'generators'"):
        names("generator")


def test_arguments_that_do_not_fit_are_named():
    with pytest.raises(InputError, match="margin takes no argument 'share'; use: random_share"):
        make(Spec("strategies", "margin", {"share": 1}))


def test_plugins_inside_plugins_are_spelled_and_made_again():
    inner = Spec("learners", "linear").json()
    outer = make(Spec("learners", "self_trained", {"base": inner}))
    assert make(spec_of(outer)) == outer


def test_what_cannot_be_written_down_says_so():
    from sklearn.svm import SVC

    with pytest.raises(InputError, match="cannot be written down"):
        spec_of(find("learners", "estimator")(estimator=SVC()))


def test_looking_at_a_shelf_imports_none_of_it():
    code = "import sys; from bimetal.plugins import listing; listing('learners'); print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_package_from_outside_is_found_made_and_spelled(tmp_path):
    """Install a real package into a folder of its own and look from a fresh interpreter."""
    site = tmp_path / "site"
    subprocess.run([sys.executable, str(OUTSIDE / "install.py"), str(site)], capture_output=True, text=True, check=True)
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from bimetal.plugins import listing, make, names, spec_of\n"
        "from bimetal.types import Spec\n"
        "import numpy as np\n"
        "coins = make(Spec('generators', 'coins', {'bias': 0.75}))\n"
        "batch = next(coins(8, np.random.default_rng(0)))\n"
        "print('coins' in names('generators'), spec_of(coins).args, batch.num_rows)\n"
        "print([each.summary for each in listing('generators') if each.name == 'coins'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "True {'bias': 0.75} 8",
        "['Coin flips with a bias: the smallest generator there is.']",
    ], done.stderr
