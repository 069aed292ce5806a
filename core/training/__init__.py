"""Gradient descent: the one loop, its history, its device and its checkpoints."""
