"""Private parts of the tabular generators: coded columns, rules, keys, trees, and the distance gate."""
