"""Offline pages: what their filters offer, what their answers are, and that nothing else can run in them."""
