"""`python -m core`: the same work without a screen, for scripts, schedules and checks."""

from core.cli import main

main()
