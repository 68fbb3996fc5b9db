# Reads what is not its own: the first argument is a file of the host.
import os, sys
paths = [sys.argv[1], "/etc/shadow", "/etc/hostname", "/etc/machine-id", "/root", "/home", "/var", "/run", "/sys",
         "/proc/1/environ", "/proc/1/maps", "/proc/1/mem", "/proc/1/fd", "/proc/1/root", "/proc/1/cwd", "/proc/1/exe",
         "/proc/kcore", "/proc/kmsg", "/dev/mem", "/base/mem", "/base/vda", "/base/tty", "/base/kmsg", "/dev/kmsg", "/dev/tty", "/dev/pts", "/dev/vda", "/dev/sda",
         os.path.dirname(sys.argv[1])]
for path in paths:
    try:
        (os.listdir if os.path.isdir(path) else lambda p: open(p, "rb").read(1))(path)
        sys.exit("escaped: read " + path)
    except OSError:
        pass
if set(os.listdir("/dev")) - {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "shm"}:
    sys.exit("escaped: devices")
if os.path.isdir("/base") and os.listdir("/base"):
    sys.exit("escaped: /base")
for folder, _, _ in os.walk("/proc"):
    if "canary" in folder:
        sys.exit("escaped: saw " + folder)
try:
    processes = list(filter(str.isdigit, os.listdir("/proc")))
except OSError:
    processes = []
for pid in processes:
    for name in "environ", "cmdline":
        try:
            text = open(f"/proc/{pid}/{name}", "rb").read()
        except OSError:
            continue
        if b"KODELAB_CANARY" in text:
            sys.exit("escaped: environment of " + pid)
if set(os.environ) - {"PATH", "LANG", "HOME", "TERM", "LC_CTYPE"}:
    sys.exit("escaped: " + str(set(os.environ)))
