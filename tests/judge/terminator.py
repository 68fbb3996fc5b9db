"""Takes TLS off: what comes on each of its ports goes on in the clear to one of 127.0.0.1.

usage: terminator.py CERTIFICATE KEY PORT...     prints its own ports, in the same order, on one line; ends with its input, and then
prints how many bytes came out of TLS. KL_TLS_OLD in its environment: it knows only versions before 1.2.
"""

import os
import select
import socket
import ssl
import sys
import threading

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
if os.environ.get("KL_TLS_OLD"):
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
came = []  # sizes


def serve(client, port):
    try:
        with context.wrap_socket(client, server_side=True) as safe, socket.create_connection(("127.0.0.1", port)) as server:
            while True:
                for source in [safe] if safe.pending() else select.select([safe, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is safe:
                        came.append(len(data))
                    (server if source is safe else safe).sendall(data)
    except OSError:
        client.close()  # broken connections are what this is for


def accept(listener, port):
    while True:
        client = listener.accept()[0]
        threading.Thread(target=serve, args=(client, port), daemon=True).start()


listeners = [(socket.create_server(("127.0.0.1", 0), backlog=64), int(port)) for port in sys.argv[3:]]
for pair in listeners:
    threading.Thread(target=accept, args=pair, daemon=True).start()
print(*(listener.getsockname()[1] for listener, _ in listeners), flush=True)
sys.stdin.read()
print(sum(came), flush=True)
