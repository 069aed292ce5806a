"""Work in the background: a supervisor process forks one child a job; pages follow its log."""

from core.jobs.client import Jobs
from core.jobs.work import Work

__all__ = ["Jobs", "Work"]
