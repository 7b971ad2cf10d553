#!/usr/bin/env python3
"""What PostgreSQL takes for what a node does, as it is usually built with it.

  postgres.py --out=FILE [--quick | --large] [--rows=FILE]

A server of its own, in a directory of its own, durable as it comes, spoken to
over TLS 1.3 with client certificates. Measured by pgbench:
- a case that a partner may see of 10,000, by its pseudonym: row-level security
  asks for the consent, and an audit table is written in the same transaction;
- GROUP BY over the rows of --rows (of table_benchmark), once in memory.
As root the server runs as the user postgres, or nobody. Numbers alone: the
ratios are report.py's, which knows what the node took.
"""
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

CLIENTS = 64
CASES = 10_000
ASKED = 64
DIMENSIONS = {1: "e", 2: "a, e", 3: "a, e, s"}
SETTINGS = {
    "listen_addresses": "127.0.0.1", "ssl": "on", "ssl_cert_file": "server.pem",
    "ssl_key_file": "server.key", "ssl_ca_file": "ca.pem",
    "ssl_min_protocol_version": "TLSv1.3", "max_connections": "100",
    "shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min",
}
# The socket lies in a directory that nobody else may enter.
ACCESS = """local all all trust
hostssl all ng 127.0.0.1/32 cert
"""
SCHEMA = f"""
CREATE ROLE ng LOGIN;
CREATE TABLE cases (
  case_id bigint PRIMARY KEY, pseudonym bigint NOT NULL UNIQUE,
  status text NOT NULL, needs text NOT NULL, body text NOT NULL);
CREATE TABLE consents (
  case_id bigint REFERENCES cases, recipient name, purpose text,
  state text NOT NULL, until timestamptz NOT NULL,
  PRIMARY KEY (case_id, recipient, purpose));
CREATE TABLE audit (
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(), who name NOT NULL DEFAULT current_user,
  pseudonym bigint NOT NULL, purpose text NOT NULL, wanted text NOT NULL,
  told bigint NOT NULL);
INSERT INTO cases SELECT n, 104729 + 7919 * n, 'Active', 'SHELTER,MEDICAL', repeat('b', 180)
  FROM generate_series(0, {CASES - 1}) AS n;
INSERT INTO consents SELECT n, 'ng', 'SAFE_RETURN', 'GIVEN', now() + interval '1 year'
  FROM generate_series(0, {CASES - 1}) AS n;
ALTER TABLE cases ENABLE ROW LEVEL SECURITY;
CREATE POLICY consented ON cases FOR SELECT TO ng USING (EXISTS (
  SELECT FROM consents AS c WHERE c.case_id = cases.case_id AND c.recipient = current_user
    AND c.purpose = 'SAFE_RETURN' AND c.state = 'GIVEN' AND c.until > now()));
GRANT SELECT (case_id, pseudonym, status, needs) ON cases TO ng;
GRANT SELECT ON consents TO ng;
GRANT INSERT (pseudonym, purpose, wanted, told) ON audit TO ng;
ANALYZE;
"""
PICK = f"\\set pseudonym 104729 + 7919 * random(0, {ASKED - 1})\n"
# What somebody would write who counts round trips.
IN_ONE = PICK + """
WITH found AS (SELECT status, needs FROM cases WHERE pseudonym = :pseudonym),
noted AS (INSERT INTO audit (pseudonym, purpose, wanted, told)
  SELECT :pseudonym, 'SAFE_RETURN', 'STATUS,NEEDS', count(*) FROM found)
SELECT status, needs FROM found;
"""
# What most would.
IN_FOUR = PICK + """
BEGIN;
SELECT status, needs FROM cases WHERE pseudonym = :pseudonym;
INSERT INTO audit (pseudonym, purpose, wanted, told)
  VALUES (:pseudonym, 'SAFE_RETURN', 'STATUS,NEEDS', 1);
COMMIT;
"""


def program(name):
    """Debian keeps the server's programs out of PATH."""
    places = [*os.environ["PATH"].split(":"),
              *map(str, sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    found = shutil.which(name, path=":".join(places))
    if found is None:
        sys.exit(f"{name} is not installed; deploy/packages.sh benchmark installs it")
    return found


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                          check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def make_certificates(directory):
    """An authority, and a server's and a partner's certificate by it."""
    here = {"cwd": directory}
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem",
        "-subj", "/CN=authority", "-days", "2", **here)
    for name, subject in (("server", "/CN=127.0.0.1"), ("client", "/CN=ng")):
        run("openssl", "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr",
            "-subj", subject, **here)
        (directory / "names").write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
        run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names",
            "-out", f"{name}.pem", **here)
        (directory / f"{name}.key").chmod(0o600)


class Server:
    """Runs while it is entered; ended by its process id."""

    def __init__(self, directory):
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "log"
        self.port = 0
        self.process = None
        # It refuses to be root.
        self.as_user = {}
        if os.geteuid() == 0:
            for name in ("postgres", "nobody"):
                try:
                    user = pwd.getpwnam(name)
                except KeyError:
                    continue
                self.as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
                os.chown(directory, user.pw_uid, user.pw_gid)
                break

    def __enter__(self):
        run(program("initdb"), "-D", self.data, "-U", "owner", "--auth=trust", "-E", "UTF8",
            "--locale=C", cwd=self.directory, **self.as_user)
        (self.data / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
        for name in ("server.pem", "server.key", "ca.pem"):
            copied = shutil.copy(self.directory / name, self.data / name)
            if self.as_user:
                os.chown(copied, self.as_user["user"], self.as_user["group"])
        # Somebody else may be given the port before the server binds it.
        for _ in range(5):
            if self.starts():
                return self
        raise RuntimeError("the server did not start: " + self.log.read_text(encoding="utf-8"))

    def starts(self):
        self.port = free_port()
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with open(self.log, "a", encoding="utf-8") as log:
            # pylint: disable-next=consider-using-with  # ended by __exit__
            self.process = subprocess.Popen(
                [program("postgres"), "-D", str(self.data), f"--port={self.port}",
                 f"--unix_socket_directories={self.directory}", *options],
                stdout=log, stderr=log, cwd=self.directory, **self.as_user)
        for _ in range(300):
            if self.process.poll() is not None:
                return False
            if subprocess.run([program("pg_isready"), "-q", "-h", self.directory, "-p",
                               str(self.port)], check=False).returncode == 0:
                return True
            time.sleep(0.1)
        self.end()
        return False

    def end(self):
        if self.process.poll() is None:
            # Does not wait for clients.
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()

    def __exit__(self, *_):
        self.end()

    def owner(self, statements):
        return run(program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.directory,
                   "-p", self.port, "-U", "owner", "-d", "postgres", input=statements)

    def cpu_seconds(self):
        """Of the server and its processes, those that ended too."""
        total = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            parent, times = int(fields[1]), list(map(int, fields[11:15]))
            if stat.parent.name == str(self.process.pid):
                total += sum(times)
            elif parent == self.process.pid:
                total += sum(times[:2])
        return total / os.sysconf("SC_CLK_TCK")


class Bench:
    """pgbench in a directory of its own, as the partner or over the socket."""

    def __init__(self, server):
        self.server = server
        self.directory = server.directory

    def latencies_us(self, script, options, environment):
        file = self.directory / "script.sql"
        file.write_text(script, encoding="utf-8")
        for old in self.directory.glob("took.*"):
            old.unlink()
        run(program("pgbench"), "-n", "-M", "prepared", "-f", file, "-l", "--log-prefix", "took",
            *options, "postgres", cwd=self.directory, env={**os.environ, **environment})
        found = []
        for log in self.directory.glob("took.*"):
            for line in log.read_text(encoding="utf-8").splitlines():
                found.append(float(line.split()[2]))
        return found

    def as_partner(self, script, clients, seconds):
        """Calls a second, latencies, CPU of a call at both ends."""
        environment = {
            "PGHOST": "127.0.0.1", "PGPORT": str(self.server.port), "PGUSER": "ng",
            "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(self.directory / "ca.pem"),
            "PGSSLCERT": str(self.directory / "client.pem"),
            "PGSSLKEY": str(self.directory / "client.key")}
        options = ["-c", clients, "-j", min(clients, os.cpu_count()), "-T"]
        self.latencies_us(script, [*options, max(1, seconds // 5)], environment)
        before, mine = self.server.cpu_seconds(), os.times()
        took = self.latencies_us(script, [*options, seconds], environment)
        after = os.times()
        cpu = (self.server.cpu_seconds() - before + after.children_user - mine.children_user
               + after.children_system - mine.children_system)
        return len(took) / seconds, took, cpu * 1e6 / len(took)

    def as_owner(self, script, times):
        return self.latencies_us(script, ["-c", 1, "-t", times], {
            "PGHOST": str(self.directory), "PGPORT": str(self.server.port), "PGUSER": "owner"})


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def row(name, value, unit, better="less"):
    return {"name": name, "value": value, "unit": unit, "better": better,
            "target": None, "ratio": False}


def query_rows(bench, seconds):
    for name, script, clients in (
            ("case in one statement, 64 at once", IN_ONE, CLIENTS),
            ("case in four statements, 64 at once", IN_FOUR, CLIENTS),
            ("case in one statement, one at a time", IN_ONE, 1)):
        rate, took, cpu = bench.as_partner(script, clients, seconds)
        yield row(f"{name}, calls a second", rate, "1/s", "more")
        yield row(f"{name}, p50", share(took, 0.5), "us")
        yield row(f"{name}, p99", share(took, 0.99), "us")
        yield row(f"{name}, CPU of a call at both ends", cpu, "us")
    # It would be no baseline if it did not tell, or did not note.
    told, lacking = map(int, bench.server.owner(
        "\\pset tuples_only on\n\\pset format unaligned\n\\pset fieldsep ' '\n"
        "SELECT count(*), count(*) FILTER (WHERE told <> 1) FROM audit").split())
    if told == 0 or lacking > 0:
        raise RuntimeError(f"{told} entries of the audit table, {lacking} of nothing")


def table_rows(bench, rows):
    bench.server.owner("CREATE TABLE counted (a integer, e integer, s integer)")
    run(program("psql"), "-X", "-q", "-h", bench.directory, "-p", bench.server.port, "-U", "owner",
        "-d", "postgres", "-c", f"\\copy counted FROM '{rows.resolve()}' WITH (FORMAT csv)")
    bench.server.owner("VACUUM (FREEZE, ANALYZE) counted")
    for number, columns in DIMENSIONS.items():
        query = f"SELECT {columns}, count(*) FROM counted GROUP BY {columns};\n"
        # The first reads it into memory.
        took = bench.as_owner(query, 8)[1:]
        yield row(f"GROUP BY, dimensions: {number}", statistics.median(took) / 1000, "ms")


def main():
    options = dict(each.partition("=")[::2] for each in sys.argv[1:])
    if set(options) - {"--out", "--rows", "--quick", "--large"} or "--out" not in options:
        print(__doc__, file=sys.stderr)
        return 2
    # Ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = []

    def keep(found):
        for each in found:
            print(f"postgres: {each['name']}: {each['value']:.6g} {each['unit']}",
                  file=sys.stderr)
            rows.append(each)
            # What was measured before something fails stands.
            pathlib.Path(options["--out"]).write_text(
                json.dumps({"program": "postgres", "rows": rows}), encoding="utf-8")

    with tempfile.TemporaryDirectory(prefix="comity-pg-") as name:
        directory = pathlib.Path(name)
        make_certificates(directory)
        with Server(directory) as server:
            server.owner(SCHEMA)
            bench = Bench(server)
            keep(query_rows(bench, 2 if "--quick" in options else 10))
            if "--rows" in options:
                keep(table_rows(bench, pathlib.Path(options["--rows"])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
