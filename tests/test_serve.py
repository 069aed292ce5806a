"""The server around the pages, asked over HTTP: health, hosts, headers, files in and out."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import Column, Recorded
from core.jobs.work import Work
from core.selection import Selection
from core.store import LOCAL, Dataset, Draft, Run, Store, Upload, Version, tables
from core.tasks import TASKS
from core.within import Within
from tests.serving import ROOT, sightline
from ui.behind import pack
from ui.plot import library
from ui.routes import safe_name


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    port: int
    store: Store
    log: Path

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body, named)
        answer = line.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    settings = {
        "SIGHTLINE_HOSTS": "sight.example", "SIGHTLINE_IDLE_SECONDS": "5", "SIGHTLINE_MAX_UPLOAD": "100000",
    }  # fmt: skip
    with sightline(home, **settings) as port:
        yield Server(port, Store(home), home / "server.log")


def put(server: Server, data: bytes, name: str = "a.csv", **headers: str) -> Answer:
    return server.ask(f"/upload?name={name}", "PUT", data, **headers)


@pytest.fixture
def object_id(server: Server) -> str:
    with server.store.new_object(LOCAL, ".csv") as made:
        made.path.write_bytes(b"line,reason,text\r\n1,bad,x\r\n")
    server.store.add(Upload(owner=LOCAL, name="x", bytes=27, object=made.id), [made])
    return made.id


def test_health_says_ok_as_json(server: Server) -> None:
    answer = server.ask("/healthz")
    assert json.loads(answer.body)["status"] == "ok"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "SIGHT.example", "sight.example:8501"])
def test_known_hosts_are_answered(server: Server, host: str) -> None:
    assert server.ask("/", Host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example:8501"]
)
def test_other_hosts_are_refused_on_every_path(server: Server, host: str) -> None:
    for path in ("/", "/healthz", "/_stcore/health", "/_stcore/host-config", "/download/x"):
        assert server.ask(path, Host=host).status == 421


def test_the_first_page_is_found_by_its_name_with_its_query(server: Server) -> None:
    answer = server.ask("/add?lang=zh_CN&dataset=ds%26x")
    assert answer.status == 307
    assert answer.headers["location"] == "/?lang=zh_CN&dataset=ds%26x"
    assert server.ask("/add").headers["location"] == "/"


def test_a_websocket_of_another_host_is_refused(server: Server) -> None:
    answer = server.ask(
        "/_stcore/stream", Host="evil.example", Connection="Upgrade", Upgrade="websocket",
        Sec_WebSocket_Version="13", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
    )  # fmt: skip
    assert answer.status == 403


@pytest.mark.parametrize("path", ["/", "/clean", "/_stcore/health", "/healthz", "/download/none"])
def test_every_answer_carries_the_security_headers(server: Server, path: str) -> None:
    headers = server.ask(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "default-src 'self'" in policy
    script = re.search(r"script-src ([^;]*)", policy)
    assert script is not None
    assert "'unsafe-inline'" not in script[1]
    assert "http" not in script[1]


def test_an_object_is_downloaded_as_a_file_under_a_safe_name(server: Server, object_id: str) -> None:
    answer = server.ask(f"/download/{object_id}?name=..%2F..%2Fetc%0d%0aX:1/re%22fused.csv")
    assert answer.status == 200
    assert answer.body.startswith(b"line,reason,text")
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment")
    assert not re.search(r"[\r\n/\\]", disposition.replace("filename*=utf-8''", ""))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"].startswith("sandbox")


def test_a_version_is_downloaded_as_csv_that_no_spreadsheet_runs(server: Server) -> None:
    rows = pa.table({"a": [1, None], "=b": ["=1+1", "x"]})
    columns = (Column(name="a", type="integer"), Column(name="=b", type="text"))
    with server.store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(rows, made.path)
    _, version = tables.add_dataset(
        server.store, LOCAL, "t", object=made, columns=columns, rows=2, origin="t"
    )
    answer = server.ask(f"/table/{version.id}/csv?name=%E9%94%80%E5%94%AE")
    assert answer.body.decode().splitlines() == ['"a","\'=b"', '1,"\'=1+1"', ',"x"']
    assert answer.headers["content-disposition"].startswith("attachment")
    assert server.ask(f"/table/{version.id}/parquet").body[:4] == b"PAR1"
    assert server.ask(f"/table/{version.id}/html").status == 404
    assert server.ask("/table/vn_none/csv").status == 404


def add(server: Server, name: str, **columns: list[Any]) -> Version:
    kinds: Any = {pa.int64(): "integer", pa.string(): "text"}
    rows = pa.table(columns)
    with server.store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(rows, made.path)
    shape = tuple(Column(name=field.name, type=kinds[field.type]) for field in rows.schema)
    return tables.add_dataset(server.store, LOCAL, name, object=made, columns=shape, rows=rows.num_rows)[1]


def test_the_rows_that_differ_are_downloaded_with_both_values(server: Server) -> None:
    a, b = add(server, "a", id=[1, 2], x=["u", "v"]), add(server, "b", id=[2, 3], x=["=1+1", "w"])
    scratch = server.store.home / "scratch" / "test"
    scratch.mkdir(parents=True)
    params: dict[str, Any] = {"before": a.id, "version": b.id}
    found = TASKS["compare_versions"](Work(server.store, LOCAL, params, Recorded(), scratch, "jb_test"))
    answer = server.ask(f"/differences/{found['compared']}/csv?name=..%2Fa")
    assert answer.body.decode().splitlines() == [
        '"change","row before","row after","id","x before","x after"',
        '"added",,2,3,,"w"',
        """"changed",2,1,2,"v","'=1+1\"""",
        '"removed",1,,1,"u",',
    ]
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''a.csv"
    packed = pq.read_table(io.BytesIO(server.ask(f"/differences/{found['compared']}/parquet").body))
    assert packed["x after"].to_pylist() == ["w", "=1+1", None]
    for wanted in (f"{found['compared']}/html", "cp_none/csv", f"{a.id}/csv"):
        assert server.ask(f"/differences/{wanted}").status == 404


def test_the_rows_behind_marks_are_downloaded(server: Server) -> None:
    rows = pa.table({"region": ["North", "South", "North"], "n": [1, 2, 3]})
    with server.store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(rows, made.path)
    columns = (Column(name="region", type="text"), Column(name="n", type="integer"))
    _, version = tables.add_dataset(server.store, LOCAL, "regions", object=made, columns=columns, rows=3)
    north = Selection.of(Within(column="region", values=("North",)))
    answer = server.ask(f"/selected/{version.id}?name=north&of={pack([north])}")
    assert answer.body.decode().split() == ['"region","n"', '"North",1', '"North",3']
    assert "north.csv" in answer.headers["content-disposition"]
    for wrong in ("", "AAAA", pack([Selection.of(Within(column="gone", values=()))])):
        assert server.ask(f"/selected/{version.id}?of={wrong}").status == 404
    assert server.ask(f"/selected/vn_none?of={pack([north])}").status == 404


def test_the_script_that_draws_is_kept_by_the_browser_for_ever(server: Server) -> None:
    answer = server.ask(library.address(), Accept_Encoding="gzip")
    assert "immutable" in answer.headers["cache-control"]
    assert gzip.decompress(answer.body) == library.content()
    assert server.ask("/plotly/other.js").status == 404


def test_a_recipe_is_downloaded_with_the_tables_it_reads(server: Server) -> None:
    a, b = add(server, "a", id=[1, 2]), add(server, "b", id=[3])
    steps = [{"step": {"kind": "union", "table": b.id}}]
    server.store.add(Draft(owner=LOCAL, version=a.id, steps=steps))
    with zipfile.ZipFile(io.BytesIO(server.ask(f"/script/{a.id}?name=x").body)) as archive:
        assert archive.testzip() is None
        files = [name for name in archive.namelist() if name.endswith(".parquet")]
        assert [pq.read_table(io.BytesIO(archive.read(name)))["id"].to_pylist() for name in files] == [
            [1, 2],
            [3],
        ]
    assert server.ask("/script/vn_none").status == 404


def test_a_runs_model_is_downloaded_as_a_zip(server: Server) -> None:
    with (
        server.store.new_object(LOCAL, ".safetensors") as weights,
        server.store.new_object(LOCAL, ".json") as card,
    ):
        weights.path.write_bytes(b"w" * 3_000_000)
        card.path.write_bytes(b"{}")
    run = Run(owner=LOCAL, version="vn_x", state="done", weights=weights.id, card=card.id)
    answer = server.ask(f"/model/{server.store.add(run, [weights, card]).id}?name=..%2Fm%0d%0aodel.zip")
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''m_odel.zip"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.read("weights.safetensors") == b"w" * 3_000_000
        assert archive.read("model.json") == b"{}"
    unfinished = server.store.add(Run(owner=LOCAL, version="vn_x"))
    strange = server.store.add(Run(owner="somebody", version="vn_x", state="done"))
    for wanted in (unfinished.id, strange.id, "rn_none"):
        assert server.ask(f"/model/{wanted}").status == 404


@pytest.mark.parametrize("wanted", ["ob_aaaaaaaaaaaaaaaaaaaa.csv", "..%2F..%2Fcatalog.db", "catalog.db"])
def test_what_is_no_object_of_this_owner_is_not_found(server: Server, wanted: str) -> None:
    assert server.ask(f"/download/{wanted}").status in (400, 404)


def test_somebody_elses_object_is_not_found(server: Server) -> None:
    with server.store.new_object("somebody", ".csv") as made:
        made.path.write_bytes(b"secret")
    server.store.add(Dataset(owner="somebody", name="x"), [made])
    answer = server.ask(f"/download/{made.id}")
    assert (answer.status, b"secret" in answer.body) == (404, False)


def test_an_upload_without_the_pages_token_is_refused(server: Server) -> None:
    before = len(server.store.list(Upload, LOCAL))
    assert put(server, b"a,b\n1,2\n").status == 403
    assert put(server, b"a,b\n1,2\n", X_Sightline_Token="guess").status == 403
    assert len(server.store.list(Upload, LOCAL)) == before


def test_streamlits_own_upload_into_memory_is_closed(server: Server) -> None:
    for method in ("PUT", "POST"):
        assert server.ask("/_stcore/upload_file/session/file", method, b"x").status == 403


def test_an_upload_of_another_origin_is_refused(server: Server) -> None:
    answer = put(server, b"a", X_Sightline_Token="guess", Origin="http://evil.example")
    assert b"own page" in answer.body
    assert answer.status == 403


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("report.csv", "report.csv"),
        ("../../etc/passwd", "etc_passwd"),
        ("a\r\nSet-Cookie: x.csv", "a_Set-Cookie_ x.csv"),
        ("\u202egpj.exe", "gpj.exe"),
        ("销售.csv", "销售.csv"),
        ("", "sightline.csv"),
        (" ... ", "sightline.csv"),
    ],
)
def test_file_names_lose_what_could_do_harm(given: str, safe: str) -> None:
    assert safe_name(given, ".csv") == safe


def test_torch_is_not_imported_by_the_server() -> None:
    code = "import sys, serve; serve.warm_up(); print('torch' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split()[-1] == "False"
