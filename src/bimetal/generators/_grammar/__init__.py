"""Phrase grammars: read from plain lines, flattened into tables of alternatives, drawn a batch at once."""
