#!/usr/bin/env python3
"""Checks an exported log, or the proof of one entry, with nothing but Python's standard library (3.8 or newer).

    python3 check_log.py KEYS FOLDER       a folder that `symbolon audit export` wrote
    python3 check_log.py KEYS FILE         a file that `symbolon audit prove` wrote

KEYS holds the keys that you trust, one a line, as `symbolon audit keys` prints them. Exits with 0 if all is well, else with 1.
Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof; RFC 6962 §2.1; RFC 8032 §5.1."""

import json
import os
import sys
from base64 import b64decode
from hashlib import sha256, sha512

# RFC 8032 §5.1: Ed25519. Points are (x, y) modulo P; slow and plain, as nothing here is secret.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    t = D * a[0] * b[0] * a[1] * b[1] % P
    inverse = pow(1 - t * t, -1, P)
    x = (a[0] * b[1] + b[0] * a[1]) * (1 - t) * inverse
    y = (a[1] * b[1] + a[0] * b[0]) * (1 + t) * inverse
    return x % P, y % P


def times(n, point):
    result = (0, 1)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def decode_point(data):
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    a, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    return times(s, BASE) == add(r, times(k, a))


def hashed(*parts):
    return sha256(b"".join(parts)).digest()


def need(condition, complaint):
    if not condition:
        raise SystemExit("WRONG: " + complaint)


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def trusted(text):
    """Keys by (name, ID): type 1 signs checkpoints, type 4 cosignatures."""
    keys = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#"):
            continue
        name, identity, key = line.split("+", 2)
        key = b64decode(key)
        need(hashed(name.encode(), b"\n", key)[:4].hex() == identity and key[0] in (1, 4), "a key of " + name)
        keys[name, identity] = (key[0], key[1:])
    return keys


def checkpoint(note, keys):
    """The origin, size and root of a signed note, and when trusted witnesses cosigned it."""
    text, lines = note[: note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2 :].splitlines()
    origin, size, root = text.splitlines()
    by_log, witnesses = False, {}
    for dash, name, data in (line.split(" ") for line in lines):
        data = b64decode(data)
        kind, key = keys.get((name, data[:4].hex()), (0, b""))
        if kind == 1 and name == origin:
            need(signed(key, text.encode(), data[4:]), "the signature of " + name)
            by_log = True
        if kind == 4:
            time = int.from_bytes(data[4:12], "big")
            message = "cosignature/v1\ntime %d\n%s" % (time, text)
            need(signed(key, message.encode(), data[12:]), "the cosignature of " + name)
            witnesses[name] = time
    need(by_log, "no trusted key signed the checkpoint of " + origin)
    return origin, int(size), b64decode(root), witnesses


def root_of(leaves):
    """RFC 6962 §2.1, from the complete subtrees of which a tree of this size consists."""
    subtrees = []
    for count, leaf in enumerate(leaves):
        while count & 1:
            leaf, count = hashed(b"\1", subtrees.pop(), leaf), count >> 1
        subtrees.append(leaf)
    if not subtrees:
        return hashed()
    root = subtrees.pop()
    while subtrees:
        root = hashed(b"\1", subtrees.pop(), root)
    return root


def entry(event, salt):
    json.loads(event)
    return hashed(b"symbolon log entry v1\n", salt, event.encode())


def tile_path(level, index, width):
    text = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        text = "x%03d/%s" % (index % 1000, text)
    return "tile/%s/%s" % (level, text) + ("" if width == 256 else ".p/%d" % width)


def tiles(folder, level, count, width):
    """The items of all tiles of a level, each of `width` bytes."""
    for start in range(0, count, 256):
        items = min(256, count - start)
        path = tile_path(level, start // 256, items)
        data = read(folder, path)
        need(len(data) == items * width, "the length of " + path)
        yield from (data[i * width : (i + 1) * width] for i in range(items))


def check_log(folder, keys):
    note = read(folder, "checkpoint").decode()
    origin, size, root, _ = checkpoint(note, keys)
    bundles = list(tiles(folder, "entries", size, 34))
    need(all(data[:2] == b"\0\x20" for data in bundles), "an entry is not a hash")
    entries = [data[2:] for data in bundles]
    hashes, level = [hashed(b"\0", data) for data in entries], 0
    leaves = hashes
    while hashes:
        need(list(tiles(folder, level, len(hashes), 32)) == hashes, "a tile of level %d" % level)
        hashes = [root_of(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
        level += 1
    need(root_of(leaves) == root, "the root of the checkpoint")
    below = os.path.join(folder, "cosigned")
    notes = [read(below, name).decode() for name in sorted(os.listdir(below))] if os.path.isdir(below) else []
    for text in notes + [note]:
        other, part, expected, witnesses = checkpoint(text, keys)
        need(other == origin and part <= size and root_of(leaves[:part]) == expected, "a cosigned checkpoint")
        for name, time in witnesses.items():
            print("cosigned by %s at %d: %d entries" % (name, time, part))
    events = os.path.join(folder, "events.jsonl")
    lines = read(events).decode().split("\n")[:-1] if os.path.exists(events) else []
    for line in map(json.loads, lines):
        index = line["index"]
        need(0 <= index < size, "the event of an entry that there is not")
        need(entry(line["event"], b64decode(line["salt"])) == entries[index], "the event of entry %d" % index)
    print("sound: %s, %d entries, %d events" % (origin, size, len(lines)))


def check_proof(file, keys):
    head, note = read(file).decode().split("\n\n", 1)
    title, extra, index, *path = head.split("\n")
    need(title == "c2sp.org/tlog-proof@v1", "the form of the proof")
    data, index = b64decode(extra[len("extra ") :]), int(index[len("index ") :])
    origin, size, root, witnesses = checkpoint(note, keys)
    need(index < size, "the number of the entry")
    # RFC 9162 §2.1.3.2.
    node, last, result = index, size - 1, hashed(b"\0", entry(data[32:].decode(), data[:32]))
    for sibling in map(b64decode, path):
        need(last > 0, "the length of the path")
        if node & 1 or node == last:
            result = hashed(b"\1", sibling, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = hashed(b"\1", result, sibling)
        node, last = node >> 1, last >> 1
    need(last == 0 and result == root, "the path from the entry to the root")
    for name, time in witnesses.items():
        print("cosigned by %s at %d" % (name, time))
    print("sound: %s, entry %d of %d: %s" % (origin, index, size, data[32:].decode()))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    try:
        check = check_log if os.path.isdir(sys.argv[2]) else check_proof
        check(sys.argv[2], trusted(read(sys.argv[1]).decode()))
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise SystemExit("WRONG: %s: %s" % (type(error).__name__, error))
