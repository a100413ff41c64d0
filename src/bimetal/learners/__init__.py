"""What is trained: classifiers over Arrow tables, each one file and one frozen dataclass."""
