"""Asks a real kodelabd every operation of docs/openapi.yaml in ways that no client does.

H09: requests that are valid, made from the document's schemas and, where there are some, from those that were recorded,
with one thing wrong in each: a type, a member, a number, a text, an id. Each answer is one that the document has for its
status, none is a fault of the server's own, and the server goes on in the memory it had.

I01: what means something to SQL, in every text of every query: nothing is found by it that is not meant, nothing changes.
"""

import json
import re
import sqlite3
import urllib.parse

from live import Scene, Server, new_id

LONG = "x" * 20000
GROWTH_KIB = 96 << 10  # the largest body, its JSON, and what malloc keeps
OTHER = {"string": [7, [], {}, True, None], "integer": ["7", [], {}, 0.5, None], "object": ["x", [], 7], "array": ["x", {}, 7],
         "boolean": ["true", 1, None], "number": ["7", [], None]}
NUMBERS = [-1, 0, 2**31, 2**53 + 1, 2**64, 1e308, -1e308]
TEXTS = ["", LONG, "a\u0000b", "\u001b[31m", "\u202e", "'; DROP TABLE users;--", "../../etc/passwd", "%s%n", "\ud800"]
RAW = ["", "{", "[]", "7", "null", '"x"', "[" * 5000, '{"a":1,"a":2}', '{"a":1e9999}', '{"a":"\\ud800"}', "\xff"]
IDS = ["0", "..", "%2e%2e", "%00", "a%27%20OR%201=1--", "%25", "%f0%9f%98%80", "x" * 3000, new_id()]
METACHARACTERS = ["'", '"', "%", "_", "\\", "*", "' OR '1'='1", "1; DROP TABLE users", "x' UNION SELECT 1,2,3 --", "$1", "?", "a' COLLATE NOCASE", "/*", "NULL"]
SPOKEN = "text/event-stream"


# --- requests that are right ----------------------------------------------------------------------------------------


class Maker:
    """Values of a schema, with the scene's ids where a name says whose."""

    def __init__(self, document, ids):
        self.document, self.ids = document, ids

    def value(self, schema, name=""):
        schema = self.document.resolve(schema)
        for key in ("example", "const"):
            if key in schema:
                return schema[key]
        if "enum" in schema:
            return schema["enum"][0]
        for key in ("oneOf", "anyOf", "allOf"):
            if key in schema:
                return self.value(schema[key][0], name)
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            return {member: self.value(node, member) for member, node in schema.get("properties", {}).items()}
        if kind == "array":
            return [self.value(schema.get("items", {}), name)]
        return {"integer": max(1, schema.get("minimum", 1)), "number": 1.0, "boolean": True}.get(kind, self.text(schema, name))

    def text(self, schema, name):
        if name in self.ids:
            return self.ids[name]
        if schema.get("format") == "date-time":
            return "2030-01-01T00:00:00Z"
        return name or "x"

    def path(self, template, ids=None):
        return re.sub(r"\{(\w+)\}", lambda part: (ids or self.ids).get(part[1], "x"), template)


def recorded(path, document):
    """A few requests that were answered well, by operation."""
    found = {}
    if path:
        with open(path, encoding="utf-8") as file:
            for row in map(json.loads, file):
                if 200 <= row["status"] < 300 and row["sent"] == "application/json" and row["request"]:
                    template, operation = document.operation(row["method"], row["path"].split("?")[0])
                    rows = found.setdefault((row["method"], template), [])
                    if operation and len(rows) < 2:
                        rows.append(json.loads(row["request"]))
    return found


# --- and with one thing wrong ---------------------------------------------------------------------------------------


def kind_of(value):
    return {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}.get(type(value), "string")


def wrong_values(value):
    yield from OTHER[kind_of(value)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from NUMBERS
    if isinstance(value, str):
        yield from TEXTS


def mutations(value, rebuild):
    """Texts of the whole body with one place of it wrong; rebuild puts a place's new value into the whole."""
    if isinstance(value, dict):
        yield rebuild({**value, "role": "ADMIN"})
        for name, member in value.items():
            yield rebuild({k: v for k, v in value.items() if k != name})
            yield from mutations(member, lambda new, name=name: rebuild({**value, name: new}))
    elif isinstance(value, list):
        yield rebuild(value * 300)
        if value:
            yield from mutations(value[0], lambda new: rebuild([new, *value[1:]]))
    for wrong in wrong_values(value):
        yield rebuild(wrong)


def twice(body):
    if isinstance(body, dict) and body:
        name, value = next(iter(body.items()))
        yield json.dumps(body)[:-1] + "," + json.dumps(name) + ":" + json.dumps(value) + "}"


def bodies(document, operation, samples, maker):
    schema = document.content(operation.get("requestBody", {})).get("application/json")
    if schema:
        for body in [maker.value(schema), *samples]:
            yield json.dumps(body)
            yield from mutations(body, json.dumps)
            yield from twice(body)
    yield from RAW


def paths(document, template, operation, maker):
    names = re.findall(r"\{(\w+)\}", template)
    for name in names:
        for wrong in IDS:
            yield maker.path(template, {**maker.ids, name: wrong})
    for query in queries(document, operation):
        for wrong in (*map(str, NUMBERS), *TEXTS[:-1]):
            yield maker.path(template) + "?" + urllib.parse.urlencode({query["name"]: wrong})


def queries(document, operation):
    return [q for q in map(document.resolve, operation.get("parameters", [])) if q["in"] == "query"]


# --- H09 ------------------------------------------------------------------------------------------------------------


def fault_of(document, operation, answer):
    """What is wrong with an answer; None: it is as written."""
    if not answer:
        return "the server hung up"
    node = operation["responses"].get(str(answer.status)) or operation["responses"].get("default")
    if answer.status == 500 and "500" not in operation["responses"]:
        return "500"
    if not node:
        return f"{answer.status} is not written there: {answer.body[:120]}"
    content = document.content(node)
    if answer.body and answer.kind not in content:
        return f"{answer.status} as '{answer.kind}'"
    if answer.kind == "application/json" and answer.body:
        faults = document.faults(content[answer.kind], answer.json())
        return f"{answer.status}: {faults[0]} in {answer.body[:120]}" if faults else None
    return None


class Mutating:
    def __init__(self, document, server, scene):
        self.document, self.server, self.scene = document, server, scene
        self.who, self.faults, self.asked = dict(scene.root), [], 0

    def send(self, method, template, operation, path, body):
        headers = dict(self.who)
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = body.encode("utf-8", "surrogatepass") if body != "\xff" else b"\xff"
        answer = self.server.ask(method, path, headers, body)
        self.asked += 1
        fault = fault_of(self.document, operation, answer)
        if fault:
            self.faults.append(f"{method} {template}: {fault} for {path[:80]} {str(body)[:160]}")
        if answer and answer.status == 401 and not template.startswith("/api/auth/"):
            self.who = self.server.sign_in(f"root{self.asked}", "admin")  # the first one's password may have been changed, too

    def operation(self, method, template, samples):
        operation = self.document.operations[method, template]
        maker = Maker(self.document, self.scene.ids)
        if SPOKEN in self.document.content(operation["responses"].get("200", {})):
            return
        for path in paths(self.document, template, operation, maker):
            self.send(method, template, operation, path, None)
        if method in ("POST", "PUT"):
            for body in bodies(self.document, operation, samples, maker):
                self.send(method, template, operation, maker.path(template), body)


def last(key):
    """What ends sessions and takes things out comes at the end."""
    method, template = key
    return (method == "DELETE", "logout" in template or "/state" in template or "/role" in template or "leave" in template, template)


def mutate(results, document, program, exchanges):
    server = Server(program)
    scene = Scene(server)
    mutating = Mutating(document, server, scene)
    samples = recorded(exchanges, document)
    before_kib = server.peak_kib()
    for key in sorted(document.operations, key=last):
        mutating.operation(*key, samples.get(key, []))
        if not server.alive():
            mutating.faults.append(f"{key}: the server is gone")
            break
    grown_kib = server.peak_kib() - before_kib if server.alive() else 0
    status, bad = server.stop()
    results.check(f"H09: {mutating.asked} wrong requests are answered as the document says", sorted(set(mutating.faults)))
    results.check("H09: nothing went wrong in the server", bad)
    results.say(status == 0, f"H09: it ended with {status}")
    results.say(grown_kib < GROWTH_KIB, f"H09: it grew by {grown_kib} KiB")


# --- I01 ------------------------------------------------------------------------------------------------------------


def rows_of(answer):
    """What was found; None: refused, or no list."""
    whole = answer.json() if answer.status == 200 and answer.kind == "application/json" else None
    data = whole.get("data") if isinstance(whole, dict) else whole
    return data if isinstance(data, list) else None


def content(server):
    """Everything in the database that is not about being asked."""
    base = sqlite3.connect(f"file:{server.folder}/kodelabd.db?mode=ro", uri=True)
    tables = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: sorted(map(repr, base.execute(f'SELECT * FROM "{name}"'))) for name in tables if name not in ("sessions", "room")}


def ask_with(server, who, path, name, value):
    return server.ask("GET", path + "?" + urllib.parse.urlencode({name: value}, quote_via=urllib.parse.quote), who)


def means(row, value):
    return value.lower() in json.dumps(row, ensure_ascii=False).lower()


def found_by_accident(server, who, path, name):
    """Refused, or what any other word would find (the parameter says yes or no), or what is really called like that."""
    faults = []
    unknown = rows_of(ask_with(server, who, path, name, "qqqqqq"))
    for value in METACHARACTERS:
        answer = ask_with(server, who, path, name, value)
        rows = rows_of(answer)
        if answer.status >= 500 or rows and rows != unknown and not all(means(row, value) for row in rows):
            faults.append(f"GET {path}?{name}={value}: {answer.status} {answer.body[:160]}")
    return faults


def only_itself(server, who):
    """The positive: texts that are called like that are found, and no others."""
    faults = []
    for name in ("a_b", "axb", "a.b"):
        server.sign_in(name)
    for value, wanted in (("a_b", ["a_b"]), ("a%b", []), ("a.b", ["a.b"]), ("axb", ["axb"])):
        rows = rows_of(ask_with(server, who, "/api/users", "search", value))
        if [row["name"] for row in rows] != wanted:
            faults.append(f"search={value} finds {[row['name'] for row in rows]}")
    return faults


def inject(results, document, program):
    server = Server(program)
    scene = Scene(server)
    maker = Maker(document, scene.ids)
    faults = only_itself(server, scene.root)
    before, asked = content(server), 0
    for (method, template), operation in document.operations.items():
        if method != "GET" or SPOKEN in document.content(operation["responses"].get("200", {})):
            continue
        path = maker.path(template)
        for query in queries(document, operation):
            asked += 1
            faults += found_by_accident(server, scene.root, path, query["name"])
        # Judge0 reads a number's first digits, and so do we: "1; DROP TABLE users" is language 1
        for part in re.findall(r"\{(\w+)\}", template):
            for value in METACHARACTERS:
                answer = server.ask("GET", maker.path(template, {**scene.ids, part: urllib.parse.quote(value, safe="")}), scene.root)
                if answer.status not in (400, 404, 422) and not (template.startswith("/languages/") and value[0] == "1"):
                    faults.append(f"GET {template} with {part} = {value}: {answer.status} {answer.body[:120]}")
    after = content(server)
    faults += [f"table {name} is another one" for name in before if before[name] != after.get(name)]
    status, bad = server.stop()
    results.check(f"I01: nothing is found or changed by {len(METACHARACTERS)} texts in {asked} queries and all paths", faults + bad)
    results.say(status == 0 and asked > 40, f"I01: it ended with {status} after {asked} queries")
