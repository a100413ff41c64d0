"""How predictions are scored: metrics as contributions of single items, each one file and one frozen dataclass."""
