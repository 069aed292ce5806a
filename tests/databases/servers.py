"""A real PostgreSQL and a real MariaDB on free ports, with TLS, for as long as the tests run."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "pa'ss \\word;%s"  # as awkward as one may be
READER = "reader"


@dataclass(frozen=True)
class Running:
    """A server that runs, and how a test's own driver reaches it as its administrator."""

    kind: str
    port: int
    folder: Path
    authority: str  # the certificate that signed the server's, as PEM

    def settings(self, **others: Any) -> dict[str, Any]:
        """The fields of a connection to it."""
        usual = {
            "kind": self.kind, "host": "localhost", "port": self.port, "database": "shop", "user": READER,
            "tls": "verify", "authority": self.authority,
        }  # fmt: skip
        return {**usual, **others}

    def run(self, *statements: str, values: Any = None) -> list[Any]:
        """Run statements as the administrator; the rows of the last."""
        rows: list[Any] = []
        with self._linked() as cursor:
            for statement in statements:
                cursor.execute(statement, values)
                rows = list(cursor.fetchall()) if cursor.description else []
        return rows

    @contextmanager
    def _linked(self) -> Iterator[Any]:
        if self.kind == "postgre_sql":
            import psycopg

            with psycopg.connect(
                f"host={self.folder} port={self.port} dbname=shop user=owner", autocommit=True
            ) as connection:
                yield connection.cursor()
        else:
            import pymysql

            socket_ = str(self.folder / "maria.sock")
            link = pymysql.connect(unix_socket=socket_, user="root", database="shop", autocommit=True)
            try:
                yield link.cursor()
            finally:
                link.close()


def found_postgres() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest version first."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    usual = [place for place in places if (place / "initdb").exists()]
    named = shutil.which("initdb")
    return usual[0] if usual else (Path(named).parent if named else None)


def found_mariadb() -> tuple[str, str] | None:
    """MariaDB's server and the program that makes its first tables."""
    server = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/libexec")
    install = shutil.which("mariadb-install-db")
    return (server, install) if server and install else None


@contextmanager
def postgres() -> Iterator[Running]:
    programs = found_postgres()
    assert programs is not None
    with _folder("postgres") as (folder, as_user):
        data, port = folder / "data", _free_port()
        authority = _certificates(folder, "postgres")
        _run([*as_user, str(programs / "initdb"), "-D", str(data), "-U", "owner", "-A", "trust", "-E", "UTF8",
              "--locale=C", "--no-sync"])  # fmt: skip
        (data / "pg_hba.conf").write_text(
            "local all all trust\nhostssl all all all scram-sha-256\nhostnossl shop plain all scram-sha-256\n"
        )
        options = {
            "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "ssl": "on",
            "ssl_cert_file": folder / "server.crt", "ssl_key_file": folder / "server.key", "fsync": "off",
            "timezone": "Asia/Kolkata",
        }  # fmt: skip
        lines = "".join(f"{name} = '{value}'\n" for name, value in options.items())
        (data / "postgresql.auto.conf").write_text(lines)
        command = [*as_user, str(programs / "postgres"), "-D", str(data)]
        with _started(command, folder, folder / f".s.PGSQL.{port}"):
            base = Running("postgre_sql", port, folder, authority)
            _patiently(
                lambda: _postgres_says(folder, port, "CREATE DATABASE shop", "CREATE ROLE reader LOGIN")
            )
            base.run(
                f"ALTER ROLE reader PASSWORD {_quoted(PASSWORD, escape=False)}",
                f"CREATE ROLE plain LOGIN PASSWORD {_quoted(PASSWORD, escape=False)}",
                "GRANT pg_read_all_data TO reader, plain",
            )
            yield base


def _postgres_says(folder: Path, port: int, *statements: str) -> None:
    import psycopg

    with psycopg.connect(f"host={folder} port={port} dbname=postgres user=owner", autocommit=True) as link:
        for statement in statements:
            link.execute(statement)  # type: ignore[arg-type]


@contextmanager
def mariadb() -> Iterator[Running]:
    programs = found_mariadb()
    assert programs is not None
    server, install = programs
    with _folder("mysql") as (folder, as_user):
        data, port = folder / "data", _free_port()
        authority = _certificates(folder, "mysql")
        _run([*as_user, install, "--no-defaults", f"--datadir={data}",
              "--auth-root-authentication-method=normal", "--skip-test-db"])  # fmt: skip
        command = [
            *as_user, server, "--no-defaults", f"--datadir={data}", f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder / 'maria.sock'}", f"--ssl-cert={folder / 'server.crt'}",
            f"--ssl-key={folder / 'server.key'}", f"--ssl-ca={folder / 'authority.crt'}",
            "--default-time-zone=+05:30", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=64M",
            f"--pid-file={folder / 'maria.pid'}", f"--tmpdir={folder}",
        ]  # fmt: skip
        with _started(command, folder, folder / "maria.sock"):
            base = Running("my_sql", port, folder, authority)
            _patiently(lambda: _mariadb_says(folder, "CREATE DATABASE shop CHARACTER SET utf8mb4"))
            base.run(
                f"CREATE USER reader@'%' IDENTIFIED BY {_quoted(PASSWORD)}",
                "GRANT SELECT ON *.* TO reader@'%'",
            )
            yield base


def _mariadb_says(folder: Path, statement: str) -> None:
    import pymysql

    link = pymysql.connect(unix_socket=str(folder / "maria.sock"), user="root")
    try:
        link.cursor().execute(statement)
    finally:
        link.close()


@contextmanager
def _folder(user: str) -> Iterator[tuple[Path, list[str]]]:
    """A folder of the server's own, and the words that start a program as its user: not as root."""
    folder = Path(tempfile.mkdtemp(prefix=f"sl-{user}-", dir="/tmp"))  # a socket's path has to be short
    try:
        if os.geteuid() == 0:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            yield folder, ["setpriv", f"--reuid={user}", f"--regid={entry.pw_gid}", "--clear-groups", "--"]
        else:
            yield folder, []
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(command: list[str], folder: Path, ready: Path) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        until = time.monotonic() + 90
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command} did not start:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(2)  # PostgreSQL: quick, without waiting for clients
        if "mariadbd" in " ".join(command):
            process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _patiently(ask: Any) -> None:
    """Try until the server, which has just made its socket, takes the call."""
    until = time.monotonic() + 60
    while True:
        try:
            return ask()
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/tmp")
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _quoted(text: str, *, escape: bool = True) -> str:
    return "'" + (text.replace("\\", "\\\\") if escape else text).replace("'", "''") + "'"


def _certificates(folder: Path, user: str) -> str:
    """An authority's certificate, and one for localhost that it signed; returns the authority's."""
    now = dt.datetime.now(dt.UTC)

    def made(name: str, key: Any, issuer: str, signer: Any, *others: Any) -> x509.Certificate:
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
        )
        for extension, critical in others:
            built = built.add_extension(extension, critical)
        return built.sign(signer, hashes.SHA256())

    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    uses = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    identifier = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    authority = made(
        "Test authority", root, "Test authority", root,
        (x509.BasicConstraints(True, None), True), (uses, True), (identifier, False),
    )  # fmt: skip
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    own = made(
        "localhost", key, "Test authority", root, (names, False), (x509.BasicConstraints(False, None), True),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), False),
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    (folder / "authority.crt").write_bytes(authority.public_bytes(pem))
    (folder / "server.crt").write_bytes(own.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(private)
    (folder / "server.key").chmod(0o600)
    if os.geteuid() == 0:
        for name in ("authority.crt", "server.crt", "server.key"):
            shutil.chown(folder / name, user)
    return authority.public_bytes(pem).decode()
