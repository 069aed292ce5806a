"""A job ends in an honest state whatever becomes of it, and says what it did on the way."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from core.errors import LimitReached, NotFound
from core.jobs import client
from core.store import LOCAL, Job, Upload
from tests.jobs.conftest import Bench, until

HOSTILE = 'a"\'`; rm -rf / \n{"kind":"ended"}\n<script>\0{x} \u202e数据🦊 \udcff' + "x" * 500


def test_a_job_runs_and_its_result_is_kept(bench: Bench) -> None:
    job = bench.run("echo", text="hello")
    assert job.state == "done"
    assert job.result is not None
    assert job.result["params"] == {"text": "hello"}
    assert job.result["pid"] != os.getpid()
    assert job.result["nice"] >= 10
    assert (job.progress, job.message) == (1.0, "all of it")
    assert job.submitted <= job.started <= job.ended  # type: ignore[operator]
    assert [event["kind"] for event in bench.jobs.events(job.id, LOCAL)[0]] == [
        *("started", "progress", "said", "progress", "ended")
    ]


def test_hostile_text_passes_through_as_text(bench: Bench) -> None:
    job = bench.submit("echo", text=HOSTILE)
    assert bench.ended(job).state == "done"
    assert bench.seen(job, "said")[0]["text"] == HOSTILE
    assert len(bench.seen(job, "ended")) == 1
    failed = bench.run("refuse", name=HOSTILE)
    assert failed.state == "failed"
    assert repr(HOSTILE) in failed.error["message"]  # type: ignore[index]


def test_events_go_on_from_the_offset_they_gave(bench: Bench) -> None:
    job = bench.run("echo", text="数据")
    everything, end = bench.jobs.events(job.id, LOCAL)
    log = bench.home / "jobs" / f"{job.id}.jsonl"
    assert end == log.stat().st_size
    assert bench.jobs.events(job.id, LOCAL, after=end) == ([], end)
    halfway = log.read_bytes().index(b"\n") + 1
    assert bench.jobs.events(job.id, LOCAL, after=halfway) == (everything[1:], end)
    with log.open("ab") as file:
        file.write(b'{"kind":"half a li')
    assert bench.jobs.events(job.id, LOCAL, after=end) == ([], end)


def test_progress_is_logged_ten_times_a_second_at_most_and_the_last_is_not_lost(bench: Bench) -> None:
    job = bench.run("flood", seconds=1.0)
    told = bench.seen(job, "progress")
    times = [float(str(event["t"])) for event in told]
    gaps = [later - earlier for earlier, later in pairwise(times[:-1])]  # the end may come at once
    assert min(gaps) >= 0.099
    assert job.result is not None
    assert job.result["count"] > 100
    assert told[-1]["message"] == str(job.result["count"])


def test_an_error_that_a_person_can_mend_is_told_as_it_is(bench: Bench) -> None:
    job = bench.run("refuse", name="a.csv")
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["message"] == "The file 'a.csv' is empty. Choose another."
    assert (job.error["kind"], job.error["reference"]) == ("BadInput", None)
    assert job.error["template"].format(**job.error["values"]) == "The file 'a.csv' is empty."


def test_a_defect_gets_a_number_and_its_story_a_log(bench: Bench) -> None:
    job = bench.run("defect")
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["kind"] == "ZeroDivisionError"
    reference = job.error["reference"]
    assert reference in job.error["message"]
    assert "division" not in job.error["message"]
    story = (bench.home / "logs" / f"{reference}.log").read_text()
    assert "ZeroDivisionError: division by zero" in story
    assert job.id in story


def test_an_answer_that_is_none_is_a_defect(bench: Bench) -> None:
    job = bench.run("no_answer")
    assert (job.state, job.error["kind"]) == ("failed", "TypeError")  # type: ignore[index]


def test_an_unknown_task_fails_with_the_known_ones(bench: Bench) -> None:
    job = bench.run("nonsense")
    assert job.state == "failed"
    assert "no task called 'nonsense'" in job.error["message"]  # type: ignore[index]
    assert "echo" in job.error["message"]  # type: ignore[index]


def test_too_much_memory_is_a_clean_failure(bench: Bench) -> None:
    job = bench.run("greedy")
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["kind"] == "LimitReached"
    assert "more memory than a job may take (600.0 MB)" in job.error["message"]


@pytest.mark.parametrize(
    ("task", "reason"), [("crash", "SIGSEGV"), ("die", "SIGKILL"), ("leave", "status 3")]
)
def test_a_job_that_leaves_no_answer_died_and_says_of_what(bench: Bench, task: str, reason: str) -> None:
    job = bench.submit(task)
    ended = bench.ended(job)
    assert ended.state == "died"
    assert reason in ended.error["message"]  # type: ignore[index]
    assert bench.seen(job, "ended")[0]["state"] == "died"
    assert bench.run("echo").state == "done"  # and nobody else is the worse for it


def test_a_job_that_somebody_kills_died(bench: Bench) -> None:
    job = bench.begun(bench.submit("deaf"))
    [pid] = children_of(bench)
    os.kill(pid, signal.SIGKILL)
    assert bench.ended(job).state == "died"


@pytest.mark.parametrize("task", ["patient", "query"])
def test_a_job_stops_on_request(bench: Bench, task: str) -> None:
    job = bench.begun(bench.submit(task))
    bench.jobs.cancel(job.id, LOCAL)
    ended = bench.ended(job)
    assert (ended.state, ended.error, ended.result) == ("cancelled", None, None)


def test_a_job_may_keep_what_it_has_when_stopped(bench: Bench) -> None:
    job = bench.begun(bench.submit("best_so_far"))
    bench.jobs.cancel(job.id, LOCAL)
    ended = bench.ended(job)
    assert (ended.state, ended.result) == ("done", {"stopped": True})


@pytest.mark.slow
def test_a_job_that_does_not_listen_is_killed_after_a_while(bench: Bench) -> None:
    job = bench.begun(bench.submit("deaf"))
    bench.jobs.cancel(job.id, LOCAL)
    assert bench.jobs.get(job.id, LOCAL).stopping == "request"
    assert bench.ended(job).state == "cancelled"
    assert children_of(bench) == []


def test_a_job_that_takes_too_long_fails_and_says_so(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(SIGHTLINE_JOB_SECONDS="0.5")
    job = bench.run("patient")
    assert job.state == "failed"
    assert "longer than a job may run (0.5 seconds)" in job.error["message"]  # type: ignore[index]


def test_cancelling_again_or_too_late_changes_nothing(bench: Bench) -> None:
    job = bench.run("echo")
    bench.jobs.cancel(job.id, LOCAL)
    assert bench.jobs.get(job.id, LOCAL) == job


def test_no_more_jobs_run_at_once_than_may_and_a_waiting_one_is_cancelled_at_once(bench: Bench) -> None:
    first, second = bench.begun(bench.submit("patient")), bench.begun(bench.submit("patient"))
    third, fourth = bench.submit("echo"), bench.submit("echo")
    time.sleep(0.5)
    assert [bench.jobs.get(job.id, LOCAL).state for job in (third, fourth)] == ["queued", "queued"]
    bench.jobs.cancel(third.id, LOCAL)
    assert bench.jobs.get(third.id, LOCAL).state == "cancelled"
    assert {job.id for job in bench.jobs.active(LOCAL)} == {first.id, second.id, fourth.id}
    bench.jobs.cancel(first.id, LOCAL)
    assert bench.ended(fourth).state == "done"
    assert bench.jobs.get(third.id, LOCAL).started is None
    assert [job.id for job in bench.jobs.recent(LOCAL)] == [fourth.id, third.id, second.id, first.id]


def test_an_owner_may_queue_only_so_many(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_QUEUED", 3)
    monkeypatch.setattr(bench.jobs, "ensure_supervisor", lambda: None)
    for _ in range(3):
        bench.submit("echo")
    with pytest.raises(LimitReached, match="3 jobs are waiting already"):
        bench.submit("echo")
    bench.submit("echo", owner="bob")


def test_somebody_elses_job_is_not_there(bench: Bench) -> None:
    job = bench.run("echo")
    for attempt in (bench.jobs.get, bench.jobs.cancel, bench.jobs.events):
        with pytest.raises(NotFound):
            attempt(job.id, "bob")
    assert bench.jobs.recent("bob") == bench.jobs.active("bob") == []


def test_a_job_writes_its_scratch_and_reads_programs_and_nothing_else(bench: Bench, tmp_path: Path) -> None:
    from core.jobs import landlock

    if not landlock.available():
        pytest.skip("this kernel has no Landlock")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    job = bench.run("reach_out", outside=str(outside))
    assert job.result == {
        "write outside": "PermissionError",
        "read outside": "PermissionError",
        "write scratch": "allowed",
        "read code": "allowed",
        "start python": "allowed",
        "other process": "PermissionError",
    }
    until(lambda: not [*(bench.home / "scratch").iterdir(), *(bench.home / "tmp").iterdir()])


def test_a_job_is_given_the_key_for_hashes_that_it_asks_for(bench: Bench) -> None:
    from core import keys
    from core.store.sealed import hash_key

    job = bench.run("hashing")
    assert job.state == "done", job.error
    secret = hash_key(bench.home, LOCAL, "people", make=False)
    assert job.result == {"check": keys.fingerprint(secret)}


def test_what_a_job_started_ends_with_it(bench: Bench) -> None:
    job = bench.submit("family")
    [event] = until(lambda: bench.seen(job, "child"))
    [pid] = children_of(bench)
    os.kill(pid, signal.SIGKILL)
    assert bench.ended(job).state == "died"
    until(lambda: not is_running(int(str(event["pid"]))))


def test_a_job_keeps_files_in_the_store(bench: Bench) -> None:
    job = bench.run("keep")
    upload = bench.store.get(Upload, job.result["upload"], LOCAL)  # type: ignore[index]
    assert bench.store.place(upload.object, LOCAL).read_bytes() == b"kept"


@pytest.mark.parametrize("task", ["one_large_file", "many_files", "large_spill"])
def test_a_job_takes_no_more_disk_than_it_may(make_bench: Callable[..., Bench], task: str) -> None:
    bench = make_bench(SIGHTLINE_JOB_DISK="20MB", SIGHTLINE_JOB_MEMORY="2GB")
    job = bench.run(task)
    assert job.state == "failed"
    assert job.error["kind"] == "LimitReached"  # type: ignore[index]
    assert job.error["message"].startswith("This would need more disk than a job may take (20.0 MB).")  # type: ignore[index]
    until(lambda: not list((bench.home / "scratch").iterdir()))
    assert bench.run("echo").state == "done"


def test_a_job_ends_when_it_takes_the_last_of_the_disk(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever else fills the disk ends no job that takes little of it."""
    from core.jobs import access, keeper, limits

    store, job = bench.store, bench.store.add(Job(owner=LOCAL, task="t", title="t"))
    place = access.prepare(store, job)
    kept = keeper.Keeper(store, job, place, None, disk=10**12)  # type: ignore[arg-type]
    monkeypatch.setattr(keeper.files, "room", lambda _: 0)
    (place.scratch / "a").write_bytes(b"x" * 1_000_000)
    assert not kept._disk_full()
    (place.made / "b").write_bytes(b"x" * (limits.LEAST_DISK + 1))
    assert kept._disk_full()


def children_of(bench: Bench) -> list[int]:
    from core.jobs import lifeline

    found = lifeline.living(bench.home)
    assert found is not None
    return [
        int(pid) for pid in Path(f"/proc/{found['pid']}/task/{found['pid']}/children").read_text().split()
    ]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
