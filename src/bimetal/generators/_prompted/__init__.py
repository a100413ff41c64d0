"""Rows that a model writes: attributes drawn, a prompt filled in, a reply judged, and near copies asked again."""
