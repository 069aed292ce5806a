"""The supervisor outlives the server, its jobs do not outlive it, and there is one at a time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import SightlineError
from core.jobs import lifeline
from core.jobs.queue import next_job
from core.store import LOCAL, Job
from tests.jobs.conftest import Bench, until
from tests.jobs.test_jobs import children_of, is_running

ROOT = Path(__file__).parents[2]


def test_one_supervisor_serves_however_many_ask(bench: Bench) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from core.jobs import Jobs, lifeline; from core.store import Store\n"
        "home = Path(sys.argv[1]); Jobs(Store(home)).ensure_supervisor()\n"
        "print(lifeline.living(home)['pid'])"
    )
    command = [sys.executable, "-c", code, str(bench.home)]
    callers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    pids = {caller.communicate(timeout=60)[0] for caller in callers}
    assert len(pids) == 1
    bench.jobs.ensure_supervisor()
    assert {b"%d\n" % lifeline.living(bench.home)["pid"]} == pids  # type: ignore[index]


def test_a_job_survives_the_server_that_submitted_it(bench: Bench) -> None:
    code = (
        "import os, sys; from pathlib import Path; from core.jobs import Jobs; from core.store import Store\n"
        "job = Jobs(Store(Path(sys.argv[1]))).submit('best_so_far', {}, 'local', title='t')\n"
        "print(job.id, flush=True); os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code, str(bench.home)]
    server = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert server.returncode == -signal.SIGKILL
    before = lifeline.living(bench.home)
    job = bench.begun(bench.jobs.get(server.stdout.strip(), LOCAL))
    bench.jobs.ensure_supervisor()
    assert lifeline.living(bench.home) == before
    bench.jobs.cancel(job.id, LOCAL)
    assert bench.ended(job).state == "done"


def test_jobs_die_with_their_supervisor_and_the_next_one_says_so(bench: Bench) -> None:
    job = bench.begun(bench.submit("deaf"))
    waiting = [bench.begun(bench.submit("patient")), bench.submit("echo")][1]
    children = children_of(bench)
    os.kill(lifeline.living(bench.home)["pid"], signal.SIGKILL)  # type: ignore[index]
    until(lambda: not any(is_running(pid) for pid in children))
    assert bench.jobs.get(job.id, LOCAL).state == "running"  # nobody is there to tell
    bench.jobs.ensure_supervisor()
    ended = bench.ended(job)
    assert ended.state == "died"
    assert "ended before the job did" in ended.error["message"]  # type: ignore[index]
    assert bench.ended(waiting).state == "done"  # what had not begun is begun now
    assert bench.seen(job, "progress")  # and the log of the dead one is still there
    assert bench.seen(job, "ended")[0]["state"] == "died"


def test_newer_code_takes_over_and_the_older_finishes_its_jobs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_job = bench.begun(bench.submit("best_so_far"))
    old = lifeline.living(bench.home)
    assert old is not None
    as_if = json.dumps({**old, "code": "other", "born": 0.0})
    (bench.home / "jobs" / "supervisor.lock").write_text(as_if)  # as one that read older code
    new_job = bench.submit("echo")
    assert bench.ended(new_job).state == "done"
    new = lifeline.living(bench.home)
    assert new is not None
    assert new["pid"] != old["pid"]
    assert bench.jobs.get(old_job.id, LOCAL).state == "running"
    bench.jobs.cancel(old_job.id, LOCAL)
    ended = bench.ended(old_job)
    assert (ended.state, ended.supervisor) == ("done", old["id"])
    until(lambda: not is_running(old["pid"]))


def test_the_heir_takes_over_with_the_imports_made(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(SIGHTLINE_PRELOAD="1", SIGHTLINE_JOB_MEMORY="4GB")
    bench.jobs.ensure_supervisor()
    first = lifeline.living(bench.home)
    assert first is not None
    during = bench.submit("best_so_far")  # taken at once, long before torch is there
    bench.begun(during)
    until(lambda: (lifeline.living(bench.home) or first)["id"] != first["id"])
    job = bench.run("adam")
    second = lifeline.living(bench.home)
    bench.jobs.cancel(during.id, LOCAL)
    kept = bench.ended(during)
    assert (job.state, job.result) == ("done", {"threads": 1})
    assert (kept.state, kept.supervisor) == ("done", first["id"])
    assert second is not None
    assert job.supervisor == second["id"]
    assert second["pid"] == first["heir"]
    assert "threads that no fork" not in (bench.home / "logs" / "supervisor.log").read_text()


def test_it_leaves_when_idle_and_nobody_is_left(make_bench: Callable[..., Bench], tmp_path: Path) -> None:
    make_bench(SIGHTLINE_IDLE_SECONDS="0.3")
    code = (
        "import sys; from pathlib import Path\n"
        "from core.jobs import Jobs, lifeline; from core.store import Store\n"
        "home = Path(sys.argv[1]); Jobs(Store(home)).ensure_supervisor()\n"
        "print(lifeline.living(home)['pid']); sys.stdout.flush(); sys.stdin.read()"
    )
    home = tmp_path / "home"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code, str(home)], cwd=ROOT, **pipes) as server:  # type: ignore[call-overload]
        pid = int(server.stdout.readline())
        with pytest.raises(AssertionError, match="in vain"):
            until(lambda: not is_running(pid), timeout=1.5)  # a server lives: it stays
        server.stdin.close()
        server.wait(30)
    until(lambda: not is_running(pid))
    assert lifeline.living(home) is None


def test_it_weathers_a_catalog_that_cannot_be_written(bench: Bench) -> None:
    """As on a full disk: the job's end is told once the catalog can be written again."""
    job = bench.begun(bench.submit("deaf"))
    [pid] = children_of(bench)
    with bench.store.writing() as catalog:
        catalog.connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'as if full'); END"
        )
    os.kill(pid, signal.SIGKILL)
    log = bench.home / "logs" / "supervisor.log"
    until(lambda: "trying again" in log.read_text())
    assert bench.jobs.get(job.id, LOCAL).state == "running"
    with bench.store.writing() as catalog:
        catalog.connection.execute("DROP TRIGGER full")
    assert bench.ended(job).state == "died"
    assert bench.ended(bench.submit("echo")).state == "done"


def test_it_leaves_when_its_store_is_removed(bench: Bench) -> None:
    import shutil

    bench.begun(bench.submit("patient"))
    pids = [lifeline.living(bench.home)["pid"], *children_of(bench)]  # type: ignore[index]
    shutil.rmtree(bench.home)
    until(lambda: not any(is_running(pid) for pid in pids))


def test_a_supervisor_that_cannot_start_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SightlineError, match="did not start") as caught:
        bench.jobs.ensure_supervisor()
    assert "supervisor.log" in str(caught.value)


def job(owner: str, name: str) -> Job:
    return Job(owner=owner, task="t", title=name)


def test_owners_take_turns_and_each_is_served_in_order() -> None:
    queued = [job("ann", f"a{n}") for n in range(4)] + [job("bob", "b0"), job("bob", "b1")]
    order, last_start = [], {}
    for tick in range(1, 7):
        chosen = next_job(queued, [], last_start, at_once=1)
        assert chosen is not None
        queued.remove(chosen)
        last_start[chosen.owner] = float(tick)
        order.append(chosen.title)
    assert order == ["a0", "b0", "a1", "b1", "a2", "a3"]
    assert next_job([], [], last_start, at_once=1) is None


def test_the_owner_with_fewest_running_goes_first() -> None:
    queued = [job("ann", "a"), job("bob", "b")]
    assert next_job(queued, [job("ann", "x")], {"bob": 5.0}, at_once=2) == queued[1]
    assert next_job(queued, [job("ann", "x"), job("bob", "y")], {}, at_once=2) is None


def test_settings_that_changed_count_as_newer_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def version() -> str:
        lifeline.code_version.cache_clear()
        return lifeline.code_version()

    try:
        before = version()
        monkeypatch.setenv("SIGHTLINE_DB_HOSTS", "localhost")
        assert version() != before
        monkeypatch.delenv("SIGHTLINE_DB_HOSTS")
        monkeypatch.setenv("SIGHTLINE_HOME", "/elsewhere")  # each supervisor is told its own
        monkeypatch.setenv("SOME_SECRET", "not a supervisor's")
        assert version() == before
    finally:
        lifeline.code_version.cache_clear()
