"""Tests of build/download, build/jdk and build/go against a local HTTP server.

The server serves small archives of the layout that Temurin and the Go module proxy use.
"""

import hashlib
import http.server
import io
import os
import pathlib
import signal
import socket
import subprocess
import tarfile
import tempfile
import threading
import unittest
import zipfile

BUILD = pathlib.Path(__file__).resolve().parent.parent


def jdk_archive():
    files = {
        "jdk-25.0.3+9/release": (b'JAVA_VERSION="25.0.3"\n', 0o644),
        "jdk-25.0.3+9/bin/javac": (b"#!/bin/sh\n", 0o755),
        "jdk-25.0.3+9/lib/modules": (os.urandom(200_000), 0o644),
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def go_archive():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        home = "golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64/"
        zipped.writestr(home + "VERSION", "go1.26.8\ntime 2026-01-01T00:00:00Z\n")
        zipped.writestr(home + "bin/go", "#!/bin/sh\necho go version go1.26.8\n")
        zipped.writestr(home + "pkg/tool/linux_amd64/compile", "#!/bin/sh\n")
    return archive.getvalue()


class Server:
    """Serves archives by path. Paths that begin with /cut/ end after half of the archive, /stall/ never end."""

    def __init__(self, archives):
        stalled = self.stalled = threading.Event()
        release = self.release = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rsplit("/", 1)[-1]
                if name not in archives:
                    self.send_error(404)
                    return
                content = archives[name]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                complete = not self.path.startswith(("/cut/", "/stall/"))
                self.wfile.write(content if complete else content[: len(content) // 2])
                if self.path.startswith("/stall/"):
                    self.wfile.flush()
                    stalled.set()
                    release.wait(30)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.release.set()
        self.http.shutdown()
        self.http.server_close()


class DownloadTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archives = {"jdk.tar.gz": jdk_archive(), "go.zip": go_archive(), "empty.tar.gz": b"not an archive"}
        cls.server = Server(cls.archives)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.cache = pathlib.Path(self.directory.name) / "cache"

    def environment(self, **variables):
        # No proxy, no Java and no Go of this machine.
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": self.directory.name,
            "MULTI_NIC_CACHE": str(self.cache),
            **variables,
        }

    def checksum(self, name):
        return hashlib.sha256(self.archives[name]).hexdigest()

    def url(self, name, kind="whole", checksum=True):
        fragment = "#sha256=" + self.checksum(name) if checksum else ""
        return f"{self.server.url}/{kind}/{name}{fragment}"

    def download(self, tool, **variables):
        return subprocess.run(
            [BUILD / "download", tool],
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def assert_fails(self, result, *parts):
        self.assertEqual(1, result.returncode, result.stderr)
        errors = [line for line in result.stderr.splitlines() if not line.startswith("downloading ")]
        self.assertEqual(1, len(errors), result.stderr)
        for part in ("error: ", *parts):
            self.assertIn(part, errors[0])
        self.assert_nothing_unpacked()

    def assert_nothing_unpacked(self):
        self.assertEqual([], [entry.name for entry in self.cache.iterdir() if not entry.name.endswith(".lock")])

    def test_archive_with_the_right_checksum_is_unpacked(self):
        result = self.download("jdk", JDK_URL=self.url("jdk.tar.gz"))
        self.assertEqual(0, result.returncode, result.stderr)
        home = pathlib.Path(result.stdout.strip())
        self.assertEqual(self.cache / ("jdk-" + self.checksum("jdk.tar.gz")[:12]), home)
        self.assertTrue(os.access(home / "bin/javac", os.X_OK))
        self.assertEqual(200_000, (home / "lib/modules").stat().st_size)
        self.assertEqual([home.name, "jdk.lock"], sorted(entry.name for entry in self.cache.iterdir()))

    def test_tool_that_is_in_the_cache_is_not_downloaded_again(self):
        url = self.url("jdk.tar.gz")
        first = self.download("jdk", JDK_URL=url)
        again = self.download("jdk", JDK_URL=url.replace(self.server.url, "http://127.0.0.1:1"))
        self.assertEqual((0, first.stdout, ""), (again.returncode, again.stdout, again.stderr))

    def test_archive_with_another_checksum_is_refused(self):
        url = self.url("jdk.tar.gz", checksum=False)
        result = self.download("jdk", JDK_URL=url)
        self.assert_fails(result, url, self.checksum("jdk.tar.gz"), "set JDK_URL to a mirror", "install a JDK 25")
        self.assertIn(pinned("jdk"), result.stderr)

    def test_interrupted_download_is_refused(self):
        result = self.download("jdk", JDK_URL=self.url("jdk.tar.gz", "cut"))
        self.assert_fails(result, self.url("jdk.tar.gz", "cut", checksum=False), "set JDK_URL to a mirror")

    def test_missing_network_is_one_error_with_url_and_remedy(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}/jdk.tar.gz"
            self.assert_fails(self.download("jdk", JDK_URL=url), url, "set JDK_URL to a mirror", "install a JDK 25")

    def test_missing_archive_is_one_error_with_url_and_remedy(self):
        url = self.server.url + "/no-such.tar.gz"
        self.assert_fails(self.download("jdk", JDK_URL=url), url, "404", "set JDK_URL to a mirror")

    def test_archive_that_is_none_is_refused(self):
        self.assert_fails(self.download("jdk", JDK_URL=self.url("empty.tar.gz")), "cannot unpack")

    def test_checksum_that_is_none_is_refused(self):
        result = self.download("jdk", JDK_URL=self.url("jdk.tar.gz", checksum=False) + "#sha256=abc")
        self.assertEqual(1, result.returncode)
        self.assertIn('"abc" is not a SHA-256', result.stderr)

    def test_terminated_download_leaves_nothing(self):
        running = subprocess.Popen(
            [BUILD / "download", "jdk"],
            env=self.environment(JDK_URL=self.url("jdk.tar.gz", "stall")),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.assertTrue(self.server.stalled.wait(20))
        running.send_signal(signal.SIGTERM)
        self.assertEqual(130, running.wait(20))
        self.assert_nothing_unpacked()

    def test_remains_of_a_killed_download_are_removed_by_the_next(self):
        remains = self.cache / "jdk.new.killed"
        remains.mkdir(parents=True)
        (remains / "archive").write_bytes(b"half")
        self.assertEqual(0, self.download("jdk", JDK_URL=self.url("jdk.tar.gz")).returncode)
        self.assertFalse(remains.exists())

    def test_two_downloads_at_once_give_the_same_tool(self):
        running = [
            subprocess.Popen(
                [BUILD / "download", "jdk"],
                env=self.environment(JDK_URL=self.url("jdk.tar.gz")),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for _ in range(2)
        ]
        homes = [process.communicate(timeout=60)[0] for process in running]
        self.assertEqual([0, 0], [process.returncode for process in running])
        self.assertEqual(homes[0], homes[1])

    def test_go_of_the_module_proxy_has_executable_programs(self):
        result = self.download("go", GO_URL=self.url("go.zip"))
        self.assertEqual(0, result.returncode, result.stderr)
        home = pathlib.Path(result.stdout.strip())
        self.assertTrue(os.access(home / "bin/go", os.X_OK))
        self.assertTrue(os.access(home / "pkg/tool/linux_amd64/compile", os.X_OK))
        self.assertFalse(os.access(home / "VERSION", os.X_OK))
        found = subprocess.run([BUILD / "go"], env=self.environment(), capture_output=True, text=True)
        self.assertEqual((0, str(home)), (found.returncode, found.stdout.strip()), found.stderr)

    def test_go_is_taken_from_the_module_proxy_of_the_environment(self):
        result = self.download("go", GOPROXY=self.server.url + ",direct")
        self.assert_fails(result, self.server.url + "/golang.org/toolchain/@v/", "404")

    def test_jdk_in_the_cache_is_found(self):
        home = self.download("jdk", JDK_URL=self.url("jdk.tar.gz")).stdout.strip()
        # Where the machine has a JDK 25 of its own, that one comes first.
        found = subprocess.run([BUILD / "jdk"], env=self.environment(), capture_output=True, text=True)
        self.assertEqual(0, found.returncode, found.stderr)
        self.assertTrue(found.stdout.strip() == home or not found.stdout.startswith(str(self.cache)), found.stdout)

    def test_pinned_archives_are_named_for_both_architectures(self):
        for tool in ("jdk", "go"):
            for architecture in ("amd64", "arm64"):
                self.assertRegex(pinned(tool, architecture), "^[0-9a-f]{64}$")


def pinned(tool, architecture=None):
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    for line in (BUILD / f"{tool}.pinned").read_text().splitlines():
        fields = line.split()
        if fields[0] == (architecture or machine):
            return fields[1]
    return ""


if __name__ == "__main__":
    unittest.main()
