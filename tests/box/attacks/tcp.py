# Reaches for a server of the host (its port is the second argument), and for the world.
import socket, sys, urllib.request
for where in (("127.0.0.1", int(sys.argv[2])), ("1.1.1.1", 53)):
    try:
        socket.create_connection(where, 1)
        sys.exit("escaped: connected")
    except OSError:
        pass
try:
    urllib.request.urlopen("http://example.org", timeout=1)
    sys.exit("escaped: fetched")
except OSError:
    pass
