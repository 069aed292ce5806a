"""Statements that people type: the names of their tables, what runs now, what ran, and what is kept of it."""
