# SPDX-License-Identifier: Apache-2.0
"""An HTTP/1.1 server on 127.0.0.1 that serves a directory, and lies where it is told to.

usage: http_server.py --root DIRECTORY [--control DIRECTORY] [--port N] [--tls CERT KEY]

Prints "ready PORT". Plainly it serves files with ranges, If-Range, strong ETag and Last-Modified.

With --control it appends two JSON objects per request to <control>/log.jsonl, {"open": n} when it
has been read and one with all about it and "number": n when it has been answered, and obeys
<control>/<path with "/" as "%2F">.json: a list of behaviours, the n-th for the n-th request of
that path since the file was written, the last one for all that follow. A behaviour is an object:

  status N            answer with this status and no file        headers {..}  added fields
  redirect URL        302 to there (status overrides)            serve NAME    another file's bytes
  etag TEXT           instead of the real one; "" for none       modified TEXT likewise
  truncate N          close after N bytes of the body            length N      announce this length
  stall N             send N bytes, then nothing                 rate N        bytes per second
  ignoreRange true    always 200 and everything                  ignoreIfRange true
  rangeOffset N       wrong first byte in Content-Range          rangeTotal N  wrong total in it
  chunked true        no Content-Length                          endless N     N zero bytes instead

"/echo" answers with the request as JSON. A request for an absolute URI (a proxy's) is served by
its path. Only the standard library is used.
"""
import argparse
import base64
import email.utils
import hashlib
import http.server
import itertools
import json
import os
import ssl
import threading
import time
import urllib.parse

BLOCK = 256 * 1024
BODY_MAX = 64 * 1024 * 1024


class Control:
    """Behaviours by path, and the log."""

    def __init__(self, directory):
        self.directory = directory
        self.lock = threading.Lock()
        self.seen = {}
        self.numbers = itertools.count(1)

    def behaviour(self, path):
        if not self.directory:
            return {}
        name = os.path.join(self.directory, urllib.parse.quote(path, safe="") + ".json")
        with self.lock:
            try:
                with open(name, encoding="utf-8") as file:
                    version = os.fstat(file.fileno()).st_ino
                    program = json.load(file)
            except FileNotFoundError:
                return {}
            if self.seen.get(path, (None, 0))[0] != version:
                self.seen[path] = (version, 0)
            count = self.seen[path][1]
            self.seen[path] = (version, count + 1)
        return program[min(count, len(program) - 1)] if program else {}

    def log(self, entry):
        if self.directory:
            line = json.dumps(entry, sort_keys=True) + "\n"
            with self.lock, open(os.path.join(self.directory, "log.jsonl"), "a") as file:
                file.write(line)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    root = "."
    control = Control(None)

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.respond()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def respond(self):
        body = self.request_body()
        target = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(target.path)
        behaviour = self.control.behaviour(path)
        entry = {
            "number": next(self.control.numbers),
            "method": self.command, "path": path, "target": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": base64.b64encode(body).decode(), "sent": 0, "status": 0}
        self.control.log({"open": entry["number"]})
        try:
            self.answer(path, behaviour, entry)
        except (BrokenPipeError, ConnectionError, TimeoutError):
            self.close_connection = True
        finally:
            self.control.log(entry)

    def request_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
                if len(body) > BODY_MAX:
                    break
            self.rfile.readline()
            return body
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), BODY_MAX))

    def answer(self, path, behaviour, entry):
        if "redirect" in behaviour:
            headers = {"Location": behaviour["redirect"], **behaviour.get("headers", {})}
            return self.short(entry, behaviour.get("status", 302), b"elsewhere\n", headers)
        if "status" in behaviour:
            headers = behaviour.get("headers", {})
            return self.short(entry, behaviour["status"], b"so it is told\n", headers)
        if path == "/echo":
            copy = {name: entry[name] for name in ("method", "target", "headers", "body")}
            return self.short(
                entry, 200, json.dumps(copy).encode(),
                {"Content-Type": "application/json", **behaviour.get("headers", {})})
        self.file(path, behaviour, entry)

    def short(self, entry, status, body, headers):
        entry["status"] = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def file(self, path, behaviour, entry):
        if "endless" in behaviour:
            return self.content(None, behaviour["endless"], {}, behaviour, entry)
        name = os.path.normpath(behaviour.get("serve", path).lstrip("/"))
        full = os.path.join(self.root, name)
        if name.startswith("..") or not os.path.isfile(full):
            return self.short(entry, 404, b"no such file\n", {})
        with open(full, "rb") as file:
            facts = os.fstat(file.fileno())
            tag = hashlib.md5(f"{facts.st_ino}:{facts.st_mtime_ns}:{facts.st_size}".encode())
            headers = {
                "ETag": behaviour.get("etag", f'"{tag.hexdigest()}"'),
                "Last-Modified": behaviour.get(
                    "modified", email.utils.formatdate(facts.st_mtime, usegmt=True))}
            headers = {name: value for name, value in headers.items() if value}
            self.content(file, facts.st_size, headers, behaviour, entry)

    def content(self, file, size, headers, behaviour, entry):
        start, end = self.range(size, headers, behaviour)
        if start is None:
            return self.short(entry, 416, b"", {"Content-Range": f"bytes */{size}"})
        partial = (start, end) != (0, size)
        partial = partial or (start == 0 and self.headers.get("Range") == "bytes=0-")
        entry["status"] = 206 if partial else 200
        self.send_response(entry["status"])
        self.send_header("Accept-Ranges", "bytes")
        for name, value in {**headers, **behaviour.get("headers", {})}.items():
            self.send_header(name, value)
        if partial:
            first = start + behaviour.get("rangeOffset", 0)
            total = behaviour.get("rangeTotal", size)
            self.send_header("Content-Range", f"bytes {first}-{end - 1}/{total}")
        chunked = behaviour.get("chunked", False)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(behaviour.get("length", end - start)))
        self.end_headers()
        if self.command != "HEAD":
            self.send_body(file, start, end, chunked, behaviour, entry)

    def range(self, size, headers, behaviour):
        """The bytes to send, end exclusive; (None, None) when there are none such."""
        asked = self.headers.get("Range", "")
        if not asked.startswith("bytes=") or behaviour.get("ignoreRange"):
            return 0, size
        condition = self.headers.get("If-Range")
        if condition and not behaviour.get("ignoreIfRange"):
            if condition not in (headers.get("ETag"), headers.get("Last-Modified")):
                return 0, size
        first, _, last = asked[6:].partition("-")
        if "," in asked or not first.isdigit():
            return 0, size
        if int(first) >= size:
            return None, None
        return int(first), min(int(last) + 1, size) if last.isdigit() else size

    def send_body(self, file, start, end, chunked, behaviour, entry):
        stop = min(end, start + behaviour.get("truncate", end - start))
        stop = min(stop, start + behaviour.get("stall", end - start))
        rate = behaviour.get("rate")
        if not (rate or chunked) and file:
            self.wfile.flush()
            while start < stop:
                count = os.sendfile(
                    self.connection.fileno(), file.fileno(), start, min(stop - start, 1 << 24)
                ) if not isinstance(self.connection, ssl.SSLSocket) else self.copy(
                    file, start, stop)
                start += count
                entry["sent"] += count
        else:
            self.send_slowly(file, start, stop, rate, chunked, entry)
        if "stall" in behaviour:
            self.wait_for_hangup()
        if stop < end or "length" in behaviour:
            self.close_connection = True
        elif chunked:
            self.wfile.write(b"0\r\n\r\n")

    def copy(self, file, start, stop):
        file.seek(start)
        block = file.read(min(BLOCK, stop - start))
        self.wfile.write(block)
        return len(block)

    def send_slowly(self, file, start, stop, rate, chunked, entry):
        step = max(1, min(BLOCK, rate // 20)) if rate else BLOCK
        if file:
            file.seek(start)
        while start < stop:
            count = min(step, stop - start)
            block = file.read(count) if file else bytes(count)
            frame = b"%x\r\n%s\r\n" % (len(block), block) if chunked else block
            self.wfile.write(frame)
            start += len(block)
            entry["sent"] += len(block)
            if rate:
                time.sleep(step / rate)

    def wait_for_hangup(self):
        self.wfile.flush()
        self.connection.settimeout(60)
        self.connection.recv(1)
        self.close_connection = True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--control")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    options = parser.parse_args()
    Handler.root = options.root
    Handler.control = Control(options.control)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(f"ready {server.server_address[1]}\n", end="", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
