"""The web app: the pages where people label, decide conflicts, lead and audit; one file a page."""
