"""Holds docs/openapi.yaml and the class server to each other.

The routes the program prints and the paths of the document must be the same, with the same words for who may. Every
example must be valid. exchanges (JSON lines, written by the tests of the server) are what was really asked and answered:
each must be what the document says, no field more, and each operation must have been answered well at least once.
"""

import json
import re
import subprocess

import yaml
from jsonschema import Draft202012Validator, FormatChecker

METHODS = ("get", "post", "put", "delete")
SHOWN = 12  # complaints of one kind that are printed


class Results:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def say(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("failed: " + what)

    def check(self, what, complaints):
        for complaint in complaints[:SHOWN]:
            print(f"  {complaint}")
        if len(complaints) > SHOWN:
            print(f"  and {len(complaints) - SHOWN} more")
        self.say(not complaints, what)


def close(node):
    """An object that lists its properties has no others."""
    if isinstance(node, dict):
        if "properties" in node and "additionalProperties" not in node and isinstance(node["properties"], dict):
            node["additionalProperties"] = False
        for value in node.values():
            close(value)
    elif isinstance(node, list):
        for value in node:
            close(value)


class Document:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = yaml.safe_load(file)
        close(self.root)
        self.operations = {}
        for template, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    self.operations[method.upper(), template] = item[method]
        # "/languages/all" before "/languages/{id}"
        self.templates = sorted(self.root["paths"], key=lambda t: [part.startswith("{") for part in t.split("/")])
        self.patterns = [(t, re.compile("^" + re.sub(r"\\\{[^/]*?\\\}", "[^/]+", re.escape(t)) + "$")) for t in self.templates]

    def resolve(self, node):
        while "$ref" in node:
            target = self.root
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part]
            node = target
        return node

    def validator(self, schema):
        return Draft202012Validator({**schema, "components": self.root["components"]}, format_checker=FormatChecker())

    def faults(self, schema, value):
        return [f"{'/'.join(map(str, e.absolute_path)) or '.'}: {e.message[:200]}" for e in self.validator(schema).iter_errors(value)]

    def operation(self, method, path):
        for template, pattern in self.patterns:
            if pattern.match(path) and (method, template) in self.operations:
                return template, self.operations[method, template]
        return None, None

    def content(self, node):
        """The media types of a body: type -> schema."""
        return {kind: self.resolve(media.get("schema", {})) for kind, media in self.resolve(node).get("content", {}).items()}


def routes(program):
    rows = {}
    text = subprocess.run([program, "--routes"], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        method, path, who = line.split("\t")
        rows[method, re.sub(r":([a-z_]+)", r"{\1}", path)] = who
    return rows


def check_paths(results, document, rows):
    results.check("every route is in the document", [f"{m} {p}" for m, p in sorted(set(rows) - set(document.operations))])
    results.check("every path of the document is a route", [f"{m} {p}" for m, p in sorted(set(document.operations) - set(rows))])
    results.check(
        "the document says who may",
        [
            f"{m} {p}: x-access is '{op.get('x-access')}', the program says '{rows[m, p]}'"
            for (m, p), op in document.operations.items()
            if (m, p) in rows and op.get("x-access") != rows[m, p]
        ],
    )
    results.check(
        "every part of a path is described",
        [
            f"{m} {p}"
            for (m, p), op in document.operations.items()
            if {document.resolve(q)["name"] for q in op.get("parameters", []) if document.resolve(q)["in"] == "path"}
            != set(re.findall(r"\{([a-z_]+)\}", p))
        ],
    )


def check_examples(results, document):
    complaints, count = [], 0

    def media(where, node):
        nonlocal count
        for kind, content in document.resolve(node).get("content", {}).items():
            examples = [content["example"]] if "example" in content else []
            examples += [document.resolve(e)["value"] for e in content.get("examples", {}).values()]
            for example in examples:
                count += 1
                complaints.extend(f"{where}: {f}" for f in document.faults(content["schema"], example))

    for (method, template), operation in document.operations.items():
        if "requestBody" in operation:
            media(f"{method} {template}", operation["requestBody"])
        for status, answer in operation["responses"].items():
            media(f"{method} {template} {status}", answer)
    results.check(f"all {count} examples are valid", complaints)
    results.say(count > 0, "there are examples")


def check_exchange(document, exchange):
    """What is wrong with one question and its answer, and which operation it was."""
    method, path = exchange["method"], exchange["path"].split("?")[0]
    template, operation = document.operation("GET" if method == "HEAD" else method, path)
    if not operation:
        return None, []
    where = f"{method} {template} {exchange['status']}"
    status = str(exchange["status"])
    responses = operation["responses"]
    node = responses.get(status) or responses.get("default")
    if not node:
        return None, [f"{where}: the document knows no such status: {exchange['body'][:160]}"]
    complaints = []
    content = document.content(node)
    kind = exchange["type"].split(";")[0]
    if exchange["body"] and kind and method != "HEAD":
        if kind not in content:
            complaints.append(f"{where}: '{kind}' is not among {sorted(content)}")
        elif kind == "application/json":
            complaints += [f"{where}: {f}" for f in document.faults(content[kind], json.loads(exchange["body"]))]
    good = 200 <= exchange["status"] < 400
    if good and method in ("POST", "PUT") and exchange["request"] not in ("", "{}"):
        taken = document.content(operation.get("requestBody", {}))
        if "application/json" in taken and exchange["sent"].split(";")[0] == "application/json":
            complaints += [f"{where}: taken, but {f}" for f in document.faults(taken["application/json"], json.loads(exchange["request"]))]
    return (method, template) if good else None, complaints


def check_exchanges(results, document, path):
    complaints, seen, count = [], set(), 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            count += 1
            operation, faults = check_exchange(document, json.loads(line))
            complaints += faults
            seen.add(operation)
    results.check(f"{count} answers were as the document says", sorted(set(complaints)))
    results.check(
        "each operation was answered well at least once",
        [f"{m} {p}" for (m, p), op in document.operations.items() if (m, p) not in seen and "x-untested" not in op],
    )


def check(results, document, program, exchanges):
    check_paths(results, document, routes(program))
    check_examples(results, document)
    if exchanges:
        check_exchanges(results, document, exchanges)
