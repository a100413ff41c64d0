"""Private parts of the sequence generator: which rows are one entity's, what comes next, and how labels are steered."""
