"""One file a page: each names its `ROUTES`, and is served because it stands here."""
