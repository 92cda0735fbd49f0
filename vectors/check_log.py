#!/usr/bin/env python3
"""Checks an exported log, or the proof of one entry, with nothing but Python's standard library (3.8 or newer), and
signed_note.py and ed25519.py beside this file.

    python3 check_log.py KEYS FOLDER       a folder that `symbolon audit export` wrote
    python3 check_log.py KEYS FILE         a file that `symbolon audit prove` wrote

KEYS holds the keys that you trust, one a line, as `symbolon audit keys` prints them. Exits with 0 if all is well, else with 1.
Formats: C2SP tlog-tiles, tlog-proof; RFC 6962 §2.1."""

import json
import os
import re
import sys
from base64 import b64decode
from hashlib import sha256

from signed_note import checkpoint, need, trusted


def hashed(*parts):
    return sha256(b"".join(parts)).digest()


def node(left, right):
    return hashed(b"\1", left, right)


def entry(event, salt):
    """What stands in the log for an event; as a leaf it is hashed once more, behind a zero byte."""
    json.loads(event)
    return hashed(b"symbolon log entry v1\n", salt, event.encode())


def root_of(hashes):
    """RFC 6962 §2.1: neighbours are joined, and an odd one goes up as it is."""
    while len(hashes) > 1:
        hashes = [node(*hashes[i : i + 2]) for i in range(0, len(hashes) - 1, 2)] + hashes[len(hashes) & ~1 :]
    return hashes[0] if hashes else hashed()


def root_by(path, leaf, index, size):
    """The root above a leaf, from the hashes beside its way up: RFC 6962 §2.1.1."""
    need((size == 1) == (not path), "the length of the path")
    if size == 1:
        return leaf
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return node(root_by(path[:-1], leaf, index, left), path[-1])
    return node(path[-1], root_by(path[:-1], leaf, index - left, size - left))


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def there(*path):
    return os.path.exists(os.path.join(*path))


def tiles(folder, level, count, width):
    """The items of all tiles of a level, each of `width` bytes, 256 in a tile but the last: tile/0/x001/x234/067.p/8."""
    for start in range(0, count, 256):
        items, number = min(256, count - start), str(start // 256)
        groups = re.sub(r"\d{3}(?=\d)", r"x\g<0>/", number.zfill(-(-len(number) // 3) * 3))
        path = "tile/%s/%s" % (level, groups if items == 256 else "%s.p/%d" % (groups, items))
        data = read(folder, path)
        need(len(data) == items * width, "the length of " + path)
        yield from (data[i : i + width] for i in range(0, len(data), width))


def check_log(folder, keys):
    note = read(folder, "checkpoint").decode()
    origin, size, _, _ = checkpoint(note, keys)
    bundled = list(tiles(folder, "entries", size, 34))
    need(all(data[:2] == b"\0\x20" for data in bundled), "an entry is not a hash")
    entries = [data[2:] for data in bundled]
    leaves = hashes = [hashed(b"\0", data) for data in entries]
    for level in range(8):
        need(list(tiles(folder, level, len(hashes), 32)) == hashes, "a tile of level %d" % level)
        hashes = [root_of(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
    names = sorted(os.listdir(os.path.join(folder, "cosigned"))) if there(folder, "cosigned") else []
    for text in [read(folder, "cosigned", name).decode() for name in names] + [note]:
        other, part, root, witnesses = checkpoint(text, keys)
        need(other == origin and part <= size and root_of(leaves[:part]) == root, "the root of a checkpoint")
        for name, time in witnesses.items():
            print("cosigned by %s at %d: %d entries" % (name, time, part))
    lines = read(folder, "events.jsonl").decode().split("\n")[:-1] if there(folder, "events.jsonl") else []
    for line in map(json.loads, lines):
        index, salt = line["index"], b64decode(line["salt"])
        need(0 <= index < size and entry(line["event"], salt) == entries[index], "the event of entry %d" % index)
    print("sound: %s, %d entries, %d events" % (origin, size, len(lines)))


def check_proof(file, keys):
    head, note = read(file).decode().split("\n\n", 1)
    title, extra, number, *path = head.split("\n")
    need(title == "c2sp.org/tlog-proof@v1", "the form of the proof")
    data, index = b64decode(extra[len("extra ") :]), int(number[len("index ") :])
    salt, event = data[:32], data[32:].decode()
    origin, size, root, witnesses = checkpoint(note, keys)
    need(0 <= index < size, "the number of the entry")
    leaf = hashed(b"\0", entry(event, salt))
    need(root_by([b64decode(line) for line in path], leaf, index, size) == root, "the path from the entry to the root")
    for name, time in witnesses.items():
        print("cosigned by %s at %d" % (name, time))
    print("sound: %s, entry %d of %d: %s" % (origin, index, size, event))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    try:
        check = check_log if os.path.isdir(sys.argv[2]) else check_proof
        check(sys.argv[2], trusted(read(sys.argv[1]).decode()))
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise SystemExit("WRONG: %s: %s" % (type(error).__name__, error))
