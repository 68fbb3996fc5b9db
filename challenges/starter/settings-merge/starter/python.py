import json
import sys

settings = {}
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:  # what if it is not there?
        for number, line in enumerate(file, 1):
            pass  # a comment, a setting, or a bad line?

print(json.dumps(settings))
