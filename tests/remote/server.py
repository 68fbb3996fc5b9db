"""An https server with real repositories behind it, that also misbehaves as asked.

usage: server.py FOLDER     FOLDER/NAME.pem: certificate and key of each listener, FOLDER/repositories: what is served,
                            FOLDER/ports: a named pipe, told "NAME=PORT" words when all listen,
                            FOLDER/hanging: a named pipe, told when a request hangs

The first word of a path says how the request is answered: a method do_WORD below. FOLDER/requests has a line for each
request that was read: listener, method, path, and the password that came with it ("-": none). Beside the listeners there
is a proxy that joins connections as CONNECT asks.
"""

import base64
import http.server
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading

FOLDER = os.path.abspath(sys.argv[1])
LISTENERS = ("main", "port", "host", "stranger", "expired", "misnamed")
PASSWORD = "sesame-token"
HOSTS = {"port": "localhost", "host": "127.0.0.1"}  # under which a listener is another one to those who were at main
ports = {}


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, name):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{FOLDER}/{name}.pem")

    def finish_request(self, request, client_address):  # in the thread of the connection: a hanging one holds up nobody
        try:
            with self.context.wrap_socket(request, server_side=True) as safe:
                super().finish_request(safe, client_address)
        except OSError:
            pass  # the client went away, as is its right


def log(*words):
    with open(f"{FOLDER}/requests", "a", encoding="utf-8") as requests:
        requests.write(" ".join(words) + "\n")


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    name = "proxy"

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.server_port = self.server_address[1]


class Tunnel(socketserver.StreamRequestHandler):
    rbufsize = 0  # what follows the request is not for us

    def handle(self):
        verb, place, _ = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        log("proxy", verb, place, "-")
        with socket.create_connection(place.rsplit(":", 1)) as other:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            threading.Thread(target=pour, args=(self.connection, other), daemon=True).start()
            pour(other, self.connection)


def pour(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of them went away, which the other is told by the end


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def password(self):
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind != "Basic":
            return "-"
        return base64.b64decode(value).decode(errors="replace").partition(":")[2]

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            whole += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return whole

    def any_request(self):
        log(self.server.name, self.command, self.path, self.password())
        path, _, self.query = self.path.partition("?")
        word, _, self.rest = path.lstrip("/").partition("/")
        self.sent = self.body()
        getattr(self, f"do_{word.replace('-', '_')}")()

    do_GET = do_POST = any_request

    def reply(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def git(self):
        """What git http-backend says: its headers, its body."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": FOLDER,
            "GIT_PROJECT_ROOT": f"{FOLDER}/repositories",
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "ada",
            "REMOTE_ADDR": "127.0.0.1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": "/" + self.rest,
            "QUERY_STRING": self.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=self.sent, env=environment, stdout=subprocess.PIPE, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        return status, body, {name.replace("-", "_"): value for name, value in headers.items()}

    def known(self):
        """Asks for the password; true when it is right."""
        if self.password() == PASSWORD:
            return True
        self.do_nobody()
        return False

    # --- the ways of answering ---

    def do_open(self):
        status, body, headers = self.git()
        self.reply(status, body, **headers)

    def do_good(self):
        if self.known():
            self.do_open()

    def do_nobody(self):
        self.reply(401, WWW_Authenticate='Basic realm="here"')

    def do_forbidden(self):
        if self.known():
            self.reply(403)

    def do_absent(self):
        self.reply(404)

    def do_broken(self):
        self.reply(503, b"\033]0;gone\007busy")

    def send_to(self, name):
        path = self.path.replace(f"-to-{name}", "", 1).replace("/first/", "/good/").replace("/later/", "/good/")
        self.reply(302, Location=f"https://{HOSTS[name]}:{ports[name]}{path.replace('/post/', '/good/')}")

    def do_first_to_port(self):
        self.send_to("port")

    def do_first_to_host(self):
        self.send_to("host")

    def do_later_to_port(self):
        if self.known():
            self.send_to("port")

    def do_later_to_host(self):
        if self.known():
            self.send_to("host")

    def do_post_to_port(self):
        self.send_to("port") if self.command == "POST" else self.do_good()

    def do_post_to_host(self):
        self.send_to("host") if self.command == "POST" else self.do_good()

    def do_moved(self):
        self.reply(301, Location=self.path.replace("/moved/", "/good/"))

    def cut(self):
        status, body, headers = self.git()
        self.reply(status, body[: len(body) // 2], len(body), **headers)
        self.close_connection = True

    def do_cut(self):
        self.cut()

    def do_cut_post(self):
        self.cut() if self.command == "POST" else self.do_open()

    def do_hang(self):
        with open(f"{FOLDER}/hanging", "w", encoding="utf-8") as told:
            told.write("hanging\n")
        threading.Event().wait()

    def do_hang_post(self):
        self.do_hang() if self.command == "POST" else self.do_open()

    def do_rubbish(self):
        self.reply(200, b"\033[2J" + bytes(range(256)) * 16, Content_Type="application/x-git-receive-pack-advertisement")

    def do_page(self):
        self.reply(200, b"<html>Please log in</html>", Content_Type="text/html")


def main():
    servers = [Server(name) for name in LISTENERS] + [Proxy()]
    ports.update((server.name, server.server_port) for server in servers)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(f"{FOLDER}/ports", "w", encoding="utf-8") as told:
        told.write(" ".join(f"{name}={port}" for name, port in ports.items()) + "\n")
    threading.Event().wait()


main()
