#!/usr/bin/python3
"""Everything about docs/openapi.yaml. usage: main.py openapi.yaml kodelabd [exchanges]"""

import sys

from abuse import inject, mutate
from check import Document, Results, check


def main():
    document, results = Document(sys.argv[1]), Results()
    program, exchanges = sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None
    check(results, document, program, exchanges)
    mutate(results, document, program, exchanges)
    inject(results, document, program)
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


sys.exit(main())
