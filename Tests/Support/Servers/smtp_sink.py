# SPDX-License-Identifier: Apache-2.0
"""A mail server on 127.0.0.1 that keeps what it gets (RFC 5321).

usage: smtp_sink.py --directory DIRECTORY [--port N] [--tls CERT KEY] [--implicit-tls]
                    [--login USER PASSWORD]

Prints "ready PORT". Mail n is <directory>/n.eml, its envelope <directory>/n.json with the keys
hello, from, to, tls and user; the .json appears last. While there is a file
<directory>/refuse.json, an object from verb ("MAIL", "RCPT", "DATA", "END" for the end of the
mail, "CONNECT") to a reply line such as "550 no such user", it answers so. With --tls it offers
STARTTLS, or with --implicit-tls speaks TLS from the start; with --login it wants AUTH PLAIN.
Only the standard library is used.
"""
import argparse
import base64
import json
import os
import re
import socketserver
import ssl
import threading

MAIL_MAX = 16 * 1024 * 1024


class Session(socketserver.StreamRequestHandler):
    options = None
    context = None
    count = 0
    lock = threading.Lock()

    def handle(self):
        self.is_secure = False
        self.hello, self.user = "", None
        self.reset()
        if self.options.implicit_tls:
            self.secure()
        if self.refused("CONNECT"):
            return
        self.reply("220 sink")
        while line := self.rfile.readline(4096):
            verb, _, argument = line.decode("utf-8", "replace").strip().partition(" ")
            method = getattr(self, "do_" + verb.lower(), None)
            if method is None:
                self.reply("502 not here")
            elif method(argument) == "end":
                return

    def reset(self):
        self.sender, self.recipients = None, []

    def reply(self, *lines):
        for line in lines:
            self.wfile.write(line.encode() + b"\r\n")

    def refused(self, verb):
        try:
            name = os.path.join(self.options.directory, "refuse.json")
            with open(name, encoding="utf-8") as file:
                answer = json.load(file).get(verb)
        except FileNotFoundError:
            return False
        if answer:
            self.reply(answer)
        return bool(answer)

    def secure(self):
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.is_secure = True

    def do_ehlo(self, name):
        self.hello = name
        features = ["8BITMIME"]
        if self.options.tls and not self.is_secure:
            features.append("STARTTLS")
        if self.options.login:
            features.append("AUTH PLAIN")
        lines = ["sink"] + features
        self.reply(*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}")

    def do_helo(self, name):
        self.hello = name
        self.reply("250 sink")

    def do_starttls(self, _):
        self.reply("220 go on")
        self.secure()

    def do_auth(self, argument):
        _, _, response = argument.partition(" ")
        if not response:
            self.reply("334 ")
            response = self.rfile.readline(4096).decode().strip()
        _, user, password = base64.b64decode(response).decode().split("\0")
        if [user, password] == self.options.login:
            self.user = user
            self.reply("235 welcome")
        else:
            self.reply("535 wrong user or password")

    def do_mail(self, argument):
        if self.refused("MAIL"):
            return
        if self.options.login and not self.user:
            self.reply("530 log in first")
            return
        self.sender = self.mailbox(argument)
        self.reply("250 fine")

    def do_rcpt(self, argument):
        if not self.refused("RCPT"):
            self.recipients.append(self.mailbox(argument))
            self.reply("250 fine")

    def mailbox(self, argument):
        match = re.search(r"<([^>]*)>", argument)
        return match.group(1) if match else argument

    def do_data(self, _):
        if self.refused("DATA"):
            return
        self.reply("354 go on")
        lines, size = [], 0
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            size += len(line)
            if size <= MAIL_MAX:
                lines.append(line[1:] if line.startswith(b".") else line)
        if not self.refused("END"):
            self.store(b"".join(lines))
            self.reply("250 kept")
        self.reset()

    def store(self, mail):
        with Session.lock:
            Session.count += 1
            number = Session.count
        base = os.path.join(self.options.directory, str(number))
        with open(base + ".eml", "wb") as file:
            file.write(mail)
        envelope = {
            "hello": self.hello, "from": self.sender, "to": self.recipients,
            "tls": self.is_secure, "user": self.user}
        with open(base + ".new", "w", encoding="utf-8") as file:
            json.dump(envelope, file)
        os.rename(base + ".new", base + ".json")

    def do_rset(self, _):
        self.reset()
        self.reply("250 fine")

    def do_noop(self, _):
        self.reply("250 fine")

    def do_quit(self, _):
        self.reply("221 bye")
        return "end"


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--implicit-tls", action="store_true")
    parser.add_argument("--login", nargs=2, metavar=("USER", "PASSWORD"))
    Session.options = parser.parse_args()
    if Session.options.tls:
        Session.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        Session.context.load_cert_chain(*Session.options.tls)
    with Server(("127.0.0.1", Session.options.port), Session) as server:
        print(f"ready {server.server_address[1]}\n", end="", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
