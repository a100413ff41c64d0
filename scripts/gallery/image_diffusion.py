"""Handwritten digits of 8 x 8 pixels: real ones above, made of noise by a model trained on them below."""

from gallery.image_mixture import beside

from bimetal.generators.image_diffusion import ImageDiffusion


def picture():
    """Draw with the settings as they come."""
    return beside(ImageDiffusion())
