"""Road traffic by formula: what an episode starts from, how it moves, and how to ask for rare ones."""
