"""What the team works on: what raters are shown, how well they agree, what it costs."""
