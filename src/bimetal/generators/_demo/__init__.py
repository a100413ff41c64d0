"""Private parts of the demo generator: the tables it can show, a file a sort."""
