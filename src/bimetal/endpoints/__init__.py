"""What stands behind a generator's doors: model endpoints, programs on this machine, and sealed noise."""
