"""Private parts of the red-team generators: seeds, converters, corruptions, attacks."""
