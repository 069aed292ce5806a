"""Clean tables, polluted in thousands of ways, and how well they are read."""
