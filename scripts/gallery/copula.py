"""Wine, thirty real rows and what a copula draws from them."""

from gallery.wine import compared

from bimetal.generators.copula import Copula


def picture():
    """Draw wine with the generator copula from thirty rows."""
    return compared(Copula(), 30)
