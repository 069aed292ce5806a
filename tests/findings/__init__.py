"""Findings: their tests beside others' arithmetic, on data with nothing and with something to find."""
