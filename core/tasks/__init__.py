"""What runs in a job: read a file, profile it, clean it, look for what is similar, compare, fit, score.

Each task takes a `Work` (store, owner, parameters, watch, scratch folder) and returns JSON. Pages
submit tasks by name; the supervisor runs each in a locked child of its own. One module a family.
"""

from __future__ import annotations

from collections.abc import Callable

from core.jobs.work import Work
from core.tasks.combine import combine
from core.tasks.compare import compare_versions
from core.tasks.databases import connect_database, import_database, preview_database, refresh_database
from core.tasks.files import inspect, read
from core.tasks.findings import find, find_contrast
from core.tasks.given import Result
from core.tasks.models import fit, judge_among, propose, score
from core.tasks.pages import make_page
from core.tasks.rules import check_rules
from core.tasks.selected import keep_selected
from core.tasks.similar import similar_partners, similar_rows, similar_values
from core.tasks.statements import keep_statement, refresh_statement
from core.tasks.tables import materialise, profile, reapply, recount

TASKS: dict[str, Callable[[Work], Result]] = {
    "inspect": inspect,
    "read": read,
    "profile": profile,
    "recount": recount,
    "materialise": materialise,
    "reapply": reapply,
    "combine": combine,
    "propose": propose,
    "fit": fit,
    "score": score,
    "judge_among": judge_among,
    "check_rules": check_rules,
    "connect_database": connect_database,
    "preview_database": preview_database,
    "import_database": import_database,
    "refresh_database": refresh_database,
    "compare_versions": compare_versions,
    "keep_statement": keep_statement,
    "refresh_statement": refresh_statement,
    "keep_selected": keep_selected,
    "similar_values": similar_values,
    "similar_rows": similar_rows,
    "similar_partners": similar_partners,
    "find": find,
    "find_contrast": find_contrast,
    "make_page": make_page,
}
