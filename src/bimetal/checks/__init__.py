"""What can be wrong with a dataset: one file a check, each says what its verdict rests on."""
