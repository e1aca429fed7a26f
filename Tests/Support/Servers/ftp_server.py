# SPDX-License-Identifier: Apache-2.0
"""A read-only FTP server on 127.0.0.1 (RFC 959, EPSV of RFC 2428, SIZE and MDTM of RFC 3659).

usage: ftp_server.py --root DIRECTORY [--control DIRECTORY] [--port N]

Prints "ready PORT". With --control it appends each command to <control>/log.txt and, if there is
<control>/truncate, the next RETR sends only as many bytes as that file says and removes it.
Only the standard library is used.
"""
import argparse
import os
import socket
import socketserver
import time


class Session(socketserver.StreamRequestHandler):
    root = "."
    control = None

    def handle(self):
        self.folder = "/"
        self.offset = 0
        self.listener = None
        self.reply(220, "ready")
        while line := self.rfile.readline(4096):
            verb, _, argument = line.decode("utf-8", "replace").strip().partition(" ")
            self.log(f"{verb} {argument}".strip())
            method = getattr(self, "do_" + verb.lower(), None)
            if method is None:
                self.reply(502, "not here")
            elif method(argument) == "end":
                return

    def reply(self, code, text):
        self.wfile.write(f"{code} {text}\r\n".encode())

    def log(self, line):
        if self.control:
            with open(os.path.join(self.control, "log.txt"), "a", encoding="utf-8") as file:
                file.write(line + "\n")

    def path(self, name):
        joined = os.path.normpath(os.path.join(self.folder, name))
        return os.path.join(self.root, joined.lstrip("/"))

    def do_user(self, _):
        self.reply(331, "any password")

    def do_pass(self, _):
        self.reply(230, "welcome")

    def do_pwd(self, _):
        self.reply(257, f'"{self.folder}"')

    def do_type(self, _):
        self.reply(200, "so be it")

    def do_cwd(self, name):
        if os.path.isdir(self.path(name)):
            self.folder = os.path.normpath(os.path.join(self.folder, name))
            self.reply(250, "moved")
        else:
            self.reply(550, "no such directory")

    def do_epsv(self, _):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.reply(229, f"entering (|||{self.listener.getsockname()[1]}|)")

    def do_size(self, name):
        if os.path.isfile(self.path(name)):
            self.reply(213, os.path.getsize(self.path(name)))
        else:
            self.reply(550, "no such file")

    def do_mdtm(self, name):
        if os.path.isfile(self.path(name)):
            moment = time.gmtime(os.path.getmtime(self.path(name)))
            self.reply(213, time.strftime("%Y%m%d%H%M%S", moment))
        else:
            self.reply(550, "no such file")

    def do_rest(self, offset):
        self.offset = int(offset)
        self.reply(350, "restarting there")

    def do_retr(self, name):
        offset, self.offset = self.offset, 0
        if not os.path.isfile(self.path(name)) or self.listener is None:
            self.reply(550, "no such file")
            return
        limit = self.truncation()
        self.reply(150, "here it comes")
        with self.listener, self.listener.accept()[0] as data, open(self.path(name), "rb") as file:
            file.seek(offset)
            try:
                data.sendall(file.read() if limit is None else file.read(limit))
            except OSError:
                pass
        self.reply(226 if limit is None else 426, "that was it")

    def truncation(self):
        name = os.path.join(self.control or "/nowhere", "truncate")
        try:
            with open(name, encoding="utf-8") as file:
                limit = int(file.read())
            os.remove(name)
            return limit
        except FileNotFoundError:
            return None

    def do_quit(self, _):
        self.reply(221, "bye")
        return "end"


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--control")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    Session.root, Session.control = options.root, options.control
    with Server(("127.0.0.1", options.port), Session) as server:
        print(f"ready {server.server_address[1]}\n", end="", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
