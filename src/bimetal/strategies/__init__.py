"""Whom to ask next: query strategies over model scores, each one file and one frozen dataclass."""
