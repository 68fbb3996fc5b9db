import json
import sys


def stop(code, **problem):
    print(json.dumps(problem))
    sys.exit(code)


settings = {}
for name in sys.argv[1:]:
    try:
        with open(name, encoding="utf-8") as file:
            lines = file.read().split("\n")
    except FileNotFoundError:
        stop(2, error="missing file", file=name)
    for number, line in enumerate(lines, 1):
        line = line.strip(" \t")
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        key = key.rstrip(" \t")
        if not equals or not key:
            stop(3, error="bad line", file=name, line=number)
        settings[key] = value.lstrip(" \t")

print(json.dumps(settings))
