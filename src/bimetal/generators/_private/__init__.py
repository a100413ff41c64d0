"""Differential privacy: exact discrete noise, what it costs, bins found privately, and the net fitted to them."""
