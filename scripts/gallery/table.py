"""Wine, real and drawn by trees: a pair of columns as points and each column's own distribution beside it."""

from gallery.wine import compared

from bimetal.generators.table import Table


def picture():
    """Draw wine with the generator table."""
    return compared(Table(), 178)
