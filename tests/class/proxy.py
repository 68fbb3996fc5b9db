"""A proxy as schools and firms have them. usage: proxy.py [NAME:PASSWORD]

For CONNECT, and for http: addresses that are asked for whole. It says its port; each request is a line after that: "METHOD TARGET STATUS".
"""

import base64
import socket
import sys
import threading
from urllib.parse import urlsplit

LOGIN = b"Basic " + base64.b64encode(sys.argv[1].encode()) if len(sys.argv) > 1 else None


def read_head(client):
    head = b""
    while b"\r\n\r\n" not in head:
        got = client.recv(65536)
        if not got:
            return b"", b""
        head += got
    head, _, rest = head.partition(b"\r\n\r\n")
    return head, rest


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def join(client, server):
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    pump(server, client)


def serve(client):
    head, rest = read_head(client)
    if not head:
        return
    lines = head.split(b"\r\n")
    method, target, _ = lines[0].split(b" ")
    ours = [line for line in lines[1:] if line.lower().startswith(b"proxy-")]
    if LOGIN and not any(line.endswith(LOGIN) for line in ours):
        print(method.decode(), target.decode(), 407, flush=True)
        client.sendall(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\n"
            b"Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        client.close()
        return
    print(method.decode(), target.decode(), 200, flush=True)
    at = target.decode() if method == b"CONNECT" else urlsplit(target.decode()).netloc
    host, _, port = at.partition(":")
    server = socket.create_connection((host, int(port or 80)))
    if method == b"CONNECT":
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        server.sendall(rest)
    else:
        parts = urlsplit(target.decode())
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        kept = [line for line in lines[1:] if line not in ours and not line.lower().startswith(b"connection:")]
        first = b" ".join((method, path.encode(), b"HTTP/1.1"))
        server.sendall(b"\r\n".join([first, *kept, b"Connection: close"]) + b"\r\n\r\n" + rest)
    join(client, server)
    client.close()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
