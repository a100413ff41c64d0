"""Handwritten digits of 8 x 8 pixels: real ones above, turned, moved and relit ones below."""

from gallery.image_mixture import beside

from bimetal.generators.augmented_image import AugmentedImage


def picture():
    """Draw with the settings as they come."""
    return beside(AugmentedImage())
