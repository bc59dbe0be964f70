#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the real binary against a fake agent. MULTI_NIC_BINARY is the path of the build under test. Uses Python's standard library only."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
BINARY = pathlib.Path(os.environ.get("MULTI_NIC_BINARY", HERE.parent / "build" / "multi-nic")).resolve()
MIB = 1024 * 1024
RESULT = b'{"cniVersion":"1.0.0","ips":[]}'


def sized(body, status=200, version=b"1.1"):
    return b"HTTP/%s %d \r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (version, status, len(body), body)


def chunked(*chunks, status=200):
    parts = b"".join(b"%X\r\n%s\r\n" % (len(c), c) for c in (*chunks, b""))
    return b"HTTP/1.1 %d \r\nTransfer-Encoding: chunked\r\n\r\n%s" % (status, parts)


def read_request(connection):
    """Reads the bytes of one request, up to its Content-Length."""
    request = b""
    while b"\r\n\r\n" not in request:
        part = connection.recv(65536)
        if not part:
            return request
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    length = int(re.search(rb"\r\nContent-Length: (\d+)", head).group(1))
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body


def headers_of(request):
    """Returns header names in order, with decoded values; fails on violations of the protocol."""
    head = request.partition(b"\r\n\r\n")[0]
    found = {}
    for line in head.split(b"\r\n")[1:]:
        name, separator, value = line.partition(b": ")
        assert separator and name not in found, line
        if name.startswith((b"Cni-", b"Trace")):
            assert re.fullmatch(rb"(?:[A-Za-z0-9\-._~/:;=,@+]|%[0-9A-F]{2})*", value), line
        found[name.decode()] = urllib.parse.unquote_to_bytes(value)
    return found


class FakeAgent:
    """Listens on a Unix socket; `behave(connection)` is the whole conversation and runs once for each connection."""

    def __init__(self, path, behave, backlog=128):
        self.requests, self.failures, self._threads = [], [], []
        self._behave = behave
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(backlog)
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with connection:
            try:
                self._behave(self, connection)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the binary may close the connection
            except Exception as failure:  # seen by the test when the agent is closed
                self.failures.append(failure)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        for thread in self._threads:
            thread.join()
        if self.failures:
            raise self.failures[0]


def answering(*parts):
    """Reads the request, then sends the parts one by one and closes the connection."""

    def behave(agent, connection):
        agent.requests.append(read_request(connection))
        for part in parts:
            connection.sendall(part)

    return behave


class BinaryTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="cni-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.path = str(self.directory / "cni.sock")

    @contextlib.contextmanager
    def agent(self, *parts, behave=None):
        agent = FakeAgent(self.path, behave or answering(*parts))
        try:
            yield agent
        finally:
            agent.close()
            os.unlink(self.path)

    def environment(self, **more):
        env = {"CNI_COMMAND": "ADD", "MULTI_NIC_SOCKET": self.path, "MULTI_NIC_TIMEOUT_MS": "20000", **more}
        return {name: value for name, value in env.items() if value is not None}

    def run_binary(self, stdin=b"{}", argv0="multi-nic", **env):
        return subprocess.run([argv0], executable=BINARY, input=stdin, capture_output=True, timeout=60,
                              env=self.environment(**env))

    def start_binary(self, **env):
        return subprocess.Popen(["multi-nic"], executable=BINARY, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.environment(**env))

    def assert_success(self, run, stdout):
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, stdout, b""))

    def assert_error(self, run, code, *contents):
        self.assertEqual((run.returncode, run.stderr), (1, b""), run.stdout[:500])
        error = json.loads(run.stdout)
        self.assertEqual(list(error), ["cniVersion", "code", "msg", "details"])
        self.assertEqual((error["cniVersion"], error["code"]), ("1.0.0", code))
        for content in contents:
            self.assertIn(content, error["msg"])
        return error

    def assert_try_again(self, run):
        return self.assert_error(run, 11, self.path, "check that the multi-nic node agent runs on this node")


class Request(BinaryTest):
    def test_golden_requests_are_sent_byte_for_byte(self):
        names = sorted(path.stem for path in (HERE / "golden").glob("*.json"))
        self.assertGreaterEqual(len(names), 6)
        self.assertEqual(names, sorted(path.stem for path in (HERE / "golden").glob("*.http")))
        for name in names:
            call = json.loads((HERE / "golden" / f"{name}.json").read_text("utf-8"))
            with self.subTest(name), self.agent(sized(RESULT)) as agent:
                env = {"CNI_COMMAND": None, **call["env"]}
                self.assert_success(self.run_binary(call["stdin"].encode(), call["argv0"], **env), RESULT)
                self.assertEqual(agent.requests, [(HERE / "golden" / f"{name}.http").read_bytes()])

    def test_golden_requests_decode_to_the_environment_they_came_from(self):
        for path in sorted((HERE / "golden").glob("*.json")):
            call = json.loads(path.read_text("utf-8"))
            with self.subTest(path.stem):
                request = path.with_suffix(".http").read_bytes()
                seen = {name.upper().replace("-", "_"): value.decode() for name, value in headers_of(request).items()
                        if name.startswith(("Cni-", "Trace"))}
                self.assertEqual(seen.pop("CNI_PLUGIN"), call["argv0"].rpartition("/")[2])
                self.assertEqual(seen, call["env"])
                self.assertEqual(request.partition(b"\r\n\r\n")[2], call["stdin"].encode())

    def test_unset_variable_has_no_header_and_empty_one_has_an_empty_header(self):
        with self.agent(sized(b"")) as agent:
            self.run_binary(CNI_COMMAND="DEL", CNI_NETNS="")
        self.assertEqual(headers_of(agent.requests[0]), {
            "Host": b"localhost", "Connection": b"close", "Content-Type": b"application/json",
            "Content-Length": b"2", "Cni-Plugin": b"multi-nic", "Cni-Command": b"DEL", "Cni-Netns": b""})

    def test_every_byte_reaches_the_agent(self):
        every = bytes(range(1, 256))
        with self.agent(sized(b"")) as agent:
            self.run_binary(CNI_ARGS=every)
        self.assertEqual(headers_of(agent.requests[0])["Cni-Args"], every)

    def test_line_break_in_a_value_makes_no_header_of_its_own(self):
        with self.agent(sized(b"")) as agent:
            self.run_binary(CNI_IFNAME="net1\r\nCni-Netns: /proc/1/ns/net", argv0="a\r\nCni-Netns: /x")
        headers = headers_of(agent.requests[0])
        self.assertNotIn("Cni-Netns", headers)
        self.assertEqual(headers["Cni-Ifname"], b"net1\r\nCni-Netns: /proc/1/ns/net")

    def test_plugin_is_the_last_part_of_the_called_name(self):
        for argv0, plugin in [("/opt/cni/bin/multi-nic-ipam", b"multi-nic-ipam"), ("./multi-nic", b"multi-nic"),
                              ("multi-nic-ipam", b"multi-nic-ipam"), ("/a b/c%d", b"c%d")]:
            with self.subTest(argv0), self.agent(sized(b"")) as agent:
                self.run_binary(argv0=argv0)
                self.assertEqual(headers_of(agent.requests[0])["Cni-Plugin"], plugin)

    def test_stdin_up_to_one_mib_is_passed_on(self):
        for length in (0, 1, 65536, MIB - 1, MIB):
            config = os.urandom(length)
            with self.subTest(length), self.agent(sized(RESULT)) as agent:
                self.assert_success(self.run_binary(config), RESULT)
                self.assertEqual(agent.requests[0].partition(b"\r\n\r\n")[2], config)

    def test_larger_stdin_is_refused_without_calling_the_agent(self):
        for length in (MIB + 1, 10_000_000):
            with self.subTest(length), self.agent(sized(RESULT)) as agent:
                self.assert_error(self.run_binary(b"x" * length), 6, "1 MiB")
                self.assertEqual(agent.requests, [])

    def test_stdin_in_pieces_is_joined(self):
        with self.agent(sized(RESULT)) as agent:
            run = self.start_binary()
            for piece in (b'{"a":', b"1", b"}"):
                run.stdin.write(piece)
                run.stdin.flush()
                time.sleep(0.05)
            stdout, _ = run.communicate(timeout=30)
        self.assertEqual((run.returncode, stdout), (0, RESULT))
        self.assertTrue(agent.requests[0].endswith(b'\r\n\r\n{"a":1}'))

    def test_stdin_that_cannot_be_read_is_an_io_failure(self):
        for name, redirection in (("closed", "<&-"), ("directory", "</")):
            with self.subTest(name), self.agent(sized(RESULT)) as agent:
                run = subprocess.run(["sh", "-c", f'exec "$0" {redirection}', BINARY], capture_output=True,
                                     env=self.environment(), timeout=60)
                self.assert_error(run, 5, "stdin")
                self.assertEqual(agent.requests, [])

    def test_environment_up_to_64_kib_is_passed_on_and_a_larger_one_refused(self):
        with self.agent(sized(RESULT)) as agent:
            self.assert_success(self.run_binary(CNI_ARGS="a" * 65_000), RESULT)
            self.assert_error(self.run_binary(CNI_ARGS="a" * 66_000), 4, "64 KiB")
            self.assert_error(self.run_binary(CNI_ARGS=" " * 22_000), 4, "64 KiB")
        self.assertEqual(len(agent.requests), 1)


class WithoutAgent(BinaryTest):
    def test_version_needs_neither_agent_nor_stdin(self):
        run = self.start_binary(CNI_COMMAND="VERSION")
        self.addCleanup(run.communicate)
        self.assertEqual(run.wait(timeout=30), 0)  # stdin is still open
        self.assertEqual(json.loads(run.stdout.read()), {
            "cniVersion": "1.1.0", "supportedVersions": ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]})

    def test_missing_command_prints_a_description_like_the_reference_plugins(self):
        for command in (None, ""):
            run = self.run_binary(CNI_COMMAND=command)
            self.assertEqual((run.returncode, run.stdout), (0, b""))
            self.assertRegex(run.stderr, rb"\Amulti-nic: a CNI plugin[^\n]*\n\Z")

    def test_unreachable_agent_is_error_11_that_names_the_socket(self):
        def nothing():
            pass

        def left_by_a_dead_agent():
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(self.path)

        def regular_file():
            pathlib.Path(self.path).write_text("")

        for make, reason in [(nothing, "No such file"), (left_by_a_dead_agent, "refused"), (regular_file, "refused")]:
            with self.subTest(make.__name__):
                pathlib.Path(self.path).unlink(missing_ok=True)
                make()
                error = self.assert_try_again(self.run_binary())
                self.assertIn(reason, error["details"])

    def test_socket_is_in_run_unless_configured(self):
        if os.path.exists("/run/multi-nic/cni.sock"):
            self.fail("an agent listens on /run/multi-nic/cni.sock: this test must not call it")
        for value in (None, ""):
            self.assert_error(self.run_binary(MULTI_NIC_SOCKET=value), 11, " /run/multi-nic/cni.sock ")

    def test_error_is_valid_json_for_any_socket_path(self):
        for name in (b'a"b\\c', b"line\nbreak\ttab\x7f", "größe".encode(), b"\xff\xfe%s%n", b"{}[]'&<>"):
            path = os.path.join(os.fsencode(self.directory), name)
            with self.subTest(name):
                error = self.assert_error(self.run_binary(MULTI_NIC_SOCKET=path), 11)
                self.assertIn(path.decode("latin-1"), error["msg"])

    def test_socket_path_may_be_as_long_as_the_kernel_allows(self):
        os.chdir(self.directory)
        self.addCleanup(os.chdir, "/")
        self.path = "s" * 107
        with self.agent(sized(RESULT)):
            self.assert_success(self.run_binary(), RESULT)
        for length in (108, 5000):
            self.assert_error(self.run_binary(MULTI_NIC_SOCKET="s" * length), 4, "MULTI_NIC_SOCKET is too long")

    def test_timeout_that_is_no_number_is_refused(self):
        for value in ("", "0", "-1", "1s", "3600001", "99999999999999999999", " 5", '"'):
            with self.subTest(value):
                self.assert_error(self.run_binary(MULTI_NIC_TIMEOUT_MS=value), 4, "MULTI_NIC_TIMEOUT_MS", value)


class Answer(BinaryTest):
    def test_status_decides_the_exit_status(self):
        error = b'{"cniVersion":"1.0.0","code":7,"msg":"no plugin.type"}'
        for status in (200, 201, 204, 400, 404, 409, 500, 503):
            with self.subTest(status), self.agent(sized(error, status)):
                run = self.run_binary()
                self.assertEqual((run.returncode, run.stdout, run.stderr), (int(status != 200), error, b""))

    def test_empty_success_prints_nothing(self):
        with self.agent(sized(b"")):
            self.assert_success(self.run_binary(CNI_COMMAND="DEL"), b"")

    def test_refusal_without_a_cni_error_is_error_11(self):
        for body in (b"", b"<html>Not Found</html>"):
            with self.subTest(body), self.agent(sized(body, 404)):
                error = self.assert_try_again(self.run_binary())
                self.assertTrue(error["details"].startswith("HTTP/1.1 404 "))

    def test_both_ways_to_define_the_length_are_accepted(self):
        long = RESULT * 3000
        for name, expected, parts in [
            ("http 1.0", RESULT, [sized(RESULT, version=b"1.0")]),
            ("lower case", RESULT, [b"HTTP/1.1 200 OK\r\ncontent-length:31\r\n\r\n" + RESULT]),
            ("one chunk", RESULT, [chunked(RESULT)]),
            ("chunks", RESULT, [chunked(RESULT[:1], RESULT[1:12], RESULT[12:])]),
            ("byte by byte", RESULT, [bytes([byte]) for byte in chunked(RESULT[:3], RESULT[3:])]),
            ("sized byte by byte", RESULT, [bytes([byte]) for byte in sized(RESULT)]),
            ("upper case", RESULT, [chunked(RESULT).replace(b"chunked", b"Chunked")]),
            ("many chunks", long, [chunked(*(long[at:at + 37] for at in range(0, len(long), 37)))]),
            ("no chunk", b"", [chunked()]),
            ("more than stated", RESULT, [sized(RESULT) + b"HTTP/1.1 500 \r\n"]),
        ]:
            with self.subTest(name), self.agent(*parts):
                self.assert_success(self.run_binary(), expected)

    def test_complete_answer_is_accepted_before_the_agent_closes(self):
        for answer in (sized(RESULT), chunked(RESULT)):
            def behave(agent, connection):
                read_request(connection)
                connection.sendall(answer)
                connection.recv(1)  # returns once the binary is gone

            with self.subTest(answer[:40]), self.agent(behave=behave):
                self.assert_success(self.run_binary(), RESULT)

    def test_answer_up_to_4_mib_is_printed_whole(self):
        body = os.urandom(3 * MIB)
        for name, answer in (("sized", sized(body)), ("chunked", chunked(body[:MIB], body[MIB:]))):
            with self.subTest(name), self.agent(answer):
                self.assert_success(self.run_binary(), body)

    def test_larger_answer_is_refused_and_nothing_of_it_printed(self):
        body = b"x" * (5 * MIB)
        for name, answer in (("sized", sized(body)), ("chunk", chunked(body)),
                             ("chunks", chunked(*[b"x" * 65536] * 80)), ("head", b"HTTP/1.1 200 \r\nA: " + body)):
            with self.subTest(name), self.agent(answer):
                self.assertIn("4 MiB", self.assert_try_again(self.run_binary())["msg"])

    def test_truncated_answer_is_error_11_at_any_length(self):
        for answer in (sized(RESULT), chunked(RESULT[:9], RESULT[9:]), sized(b'{"code":7}', 400)):
            for length in range(len(answer)):
                with self.subTest(answer[:length]), self.agent(answer[:length]):
                    self.assert_try_again(self.run_binary())

    def test_answer_that_is_not_of_the_protocol_is_error_11(self):
        for answer in (
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"\r\n\r\n",
            b"HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            b"HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\x00\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2a\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
        ):
            with self.subTest(answer), self.agent(answer):
                self.assertIn("not HTTP", self.assert_try_again(self.run_binary())["msg"])

    def test_early_answer_is_accepted_while_the_agent_stops_reading(self):
        error = b'{"cniVersion":"1.0.0","code":100,"msg":"too large"}'

        def behave(agent, connection):
            connection.recv(1000)
            connection.sendall(sized(error, 413))
            gone.wait(30)

        gone = threading.Event()
        with self.agent(behave=behave):
            start = time.monotonic()
            run = self.run_binary(b"x" * MIB)
            gone.set()
            self.assertEqual((run.returncode, run.stdout), (1, error))
            self.assertLess(time.monotonic() - start, 10)

    def test_early_answer_is_accepted_after_the_agent_closed(self):
        error = b'{"cniVersion":"1.0.0","code":100,"msg":"too large"}'

        def behave(agent, connection):
            connection.recv(1000)
            pid, _, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            os.kill(pid, signal.SIGSTOP)  # so that it receives the answer and the close together
            while "State:\tT" not in pathlib.Path(f"/proc/{pid}/status").read_text():
                time.sleep(0.001)
            connection.sendall(sized(error, 413))
            connection.close()
            os.kill(pid, signal.SIGCONT)

        with self.agent(behave=behave):
            run = self.run_binary(b"x" * MIB)
            self.assertEqual((run.returncode, run.stdout), (1, error))

    def test_agent_that_closes_without_an_answer_is_error_11(self):
        for name, behave in (("after the request", lambda agent, connection: read_request(connection)),
                             ("in the request", lambda agent, connection: connection.recv(10)),
                             ("at once", lambda agent, connection: None)):
            with self.subTest(name), self.agent(behave=behave):
                self.assert_try_again(self.run_binary(b"x" * MIB))


class Deadline(BinaryTest):
    def timed(self, call, milliseconds=300):
        start = time.monotonic()
        result = call(MULTI_NIC_TIMEOUT_MS=str(milliseconds))
        seconds = time.monotonic() - start
        self.assertGreaterEqual(seconds, milliseconds / 1000 - 0.01)
        self.assertLess(seconds, 10)
        return result

    def test_silent_agent(self):
        def behave(agent, connection):
            read_request(connection)
            connection.recv(1)

        with self.agent(behave=behave):
            run = self.timed(self.run_binary)
            self.assertIn("before the deadline", self.assert_try_again(run)["msg"])

    def test_agent_that_never_reads(self):
        gone = threading.Event()
        with self.agent(behave=lambda agent, connection: gone.wait(30)):
            run = self.timed(lambda **env: self.run_binary(b"x" * MIB, **env))
            gone.set()
            self.assert_try_again(run)

    def test_agent_that_answers_byte_by_byte(self):
        def behave(agent, connection):
            read_request(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            for _ in range(2000):
                connection.sendall(b" ")
                time.sleep(0.005)

        with self.agent(behave=behave):
            self.assert_try_again(self.timed(self.run_binary))

    def full_listener(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path)
        listener.listen(0)
        waiting = socket.socket(socket.AF_UNIX)
        self.addCleanup(waiting.close)
        waiting.connect(self.path)
        return listener

    def test_agent_that_takes_no_more_connections(self):
        self.full_listener()
        self.assert_try_again(self.timed(self.run_binary))

    def test_nothing_is_waited_for_after_the_deadline(self):
        self.full_listener()
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        self.addCleanup(os.close, write_end)
        os.set_blocking(write_end, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(write_end, b"x" * 65536)
        run = self.timed(lambda **env: subprocess.run(
            ["multi-nic"], executable=BINARY, input=b"{}", stdout=write_end, stderr=subprocess.PIPE, timeout=30,
            env=self.environment(**env)))
        self.assertEqual((run.returncode, run.stderr), (1, b""))

    def test_connection_is_waited_for_until_the_deadline(self):
        listener = self.full_listener()
        run = self.start_binary()
        run.stdin.close()
        time.sleep(0.2)
        self.assertIsNone(run.poll())
        listener.accept()[0].close()
        with listener.accept()[0] as connection:
            read_request(connection)
            connection.sendall(sized(RESULT))
        self.assertEqual((run.wait(30), run.stdout.read()), (0, RESULT))
        run.stdout.close()
        run.stderr.close()

    def test_del_waits_for_a_stopped_agent(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path)  # the socket file of a dead agent
        run = self.start_binary(CNI_COMMAND="DEL")
        run.stdin.close()
        time.sleep(0.3)
        os.unlink(self.path)
        time.sleep(0.3)
        self.assertIsNone(run.poll())
        with self.agent(sized(RESULT)) as agent:
            self.assertEqual((run.wait(30), run.stdout.read()), (0, RESULT))
            self.assertEqual(len(agent.requests), 1)
        run.stdout.close()
        run.stderr.close()

    def test_del_is_repeated_after_the_agent_closed_without_an_answer(self):
        def behave(agent, connection):
            agent.requests.append(read_request(connection))
            if len(agent.requests) == 3:
                connection.sendall(sized(RESULT))

        with self.agent(behave=behave) as agent:
            run = self.run_binary(b'{"name":"net"}', CNI_COMMAND="DEL")
            self.assertEqual((run.returncode, run.stdout), (0, RESULT))
            self.assertEqual(len(set(agent.requests)), 1)

    def test_any_answer_to_a_del_ends_the_wait(self):
        for answer in sized(b"", status=503), b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut":
            with self.subTest(answer), self.agent(answer) as agent:
                self.assert_try_again(self.run_binary(CNI_COMMAND="DEL"))
                self.assertEqual(len(agent.requests), 1)

    def test_del_does_not_wait_beyond_the_deadline(self):
        run = self.timed(lambda **env: self.run_binary(CNI_COMMAND="DEL", **env))
        self.assertIn("No such file", self.assert_try_again(run)["details"])

    def test_del_fails_if_the_agent_stays_stopped(self):
        start = time.monotonic()
        self.assert_try_again(self.run_binary(CNI_COMMAND="DEL", MULTI_NIC_TIMEOUT_MS=None))
        self.assertTrue(20 <= time.monotonic() - start < 25)

    def test_only_del_waits(self):
        for command in "ADD", "CHECK", "GC", "STATUS":
            with self.subTest(command):
                start = time.monotonic()
                self.assert_try_again(self.run_binary(CNI_COMMAND=command))
                self.assertLess(time.monotonic() - start, 5)

    def test_stdin_that_stays_open(self):
        with self.agent(sized(RESULT)) as agent:
            def call(**env):
                run = self.start_binary(**env)
                run.wait(30)
                return run

            run = self.timed(call)
            stdout, stderr = run.communicate()
            self.assert_error(subprocess.CompletedProcess([], run.returncode, stdout, stderr), 5, "stdin", "deadline")
            self.assertEqual(agent.requests, [])

    def test_stdout_that_nobody_reads(self):
        with self.agent(sized(b"x" * MIB)):
            def call(**env):
                run = self.start_binary(**env)
                run.stdin.close()
                run.wait(30)
                return run

            run = self.timed(call)
            self.assertEqual(run.returncode, 1)
            run.stdout.close()
            run.stderr.close()


class Output(BinaryTest):
    def test_stdout_that_cannot_be_written_is_exit_status_1(self):
        for name, redirection in (("closed", ">&-"), ("full", ">/dev/full")):
            with self.subTest(name), self.agent(sized(RESULT)):
                run = subprocess.run(["sh", "-c", f'exec "$0" {redirection}', BINARY], input=b"{}",
                                     capture_output=True, env=self.environment(), timeout=60)
                self.assertEqual((run.returncode, run.stdout, run.stderr), (1, b"", b""))

    def test_closed_stdout_is_not_confused_with_the_socket(self):
        with self.agent(sized(RESULT)) as agent:
            subprocess.run(["sh", "-c", 'exec "$0" >&-', BINARY], input=b"{}", env=self.environment(), timeout=60)
        self.assertEqual(agent.requests, [])

    def test_closed_reader_is_exit_status_1_and_no_signal(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        with self.agent(sized(RESULT)):
            run = subprocess.run(["multi-nic"], executable=BINARY, input=b"{}", stdout=write_end,
                                 stderr=subprocess.PIPE, env=self.environment(), timeout=60)
        os.close(write_end)
        self.assertEqual((run.returncode, run.stderr), (1, b""))


class Together(BinaryTest):
    def test_fifty_processes_at_once_each_get_their_own_answer(self):
        everybody = threading.Barrier(50)

        def behave(agent, connection):
            request = read_request(connection)
            everybody.wait(60)  # all fifty are inside the agent at the same time
            connection.sendall(sized(headers_of(request)["Cni-Containerid"] + request.partition(b"\r\n\r\n")[2]))

        with self.agent(behave=behave):
            runs = [self.start_binary(CNI_CONTAINERID=f"c{n}", MULTI_NIC_TIMEOUT_MS="60000") for n in range(50)]
            for n, run in enumerate(runs):
                run.stdin.write(b"config%d" % n)
                run.stdin.close()
                run.stdin = None
            for n, run in enumerate(runs):
                stdout, stderr = run.communicate(timeout=90)
                self.assertEqual((run.returncode, stdout, stderr), (0, b"c%dconfig%d" % (n, n), b""))


if __name__ == "__main__":
    if not os.access(BINARY, os.X_OK):
        sys.exit(f"{BINARY} is not there: run make test")
    result = unittest.main(exit=False).result
    failed = len({str(test) for test, _ in result.failures + result.errors})
    print(f"cni-binary: {result.testsRun - failed} passed, {failed} failed")
    sys.exit(not result.wasSuccessful())
