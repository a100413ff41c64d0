"""Specimen documents: people who do not exist, laid out on paper, marked, then scanned or photographed."""
