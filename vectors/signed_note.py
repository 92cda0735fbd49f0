"""Keys and signed checkpoints: C2SP signed-note, tlog-checkpoint, tlog-cosignature."""

from base64 import b64decode
from hashlib import sha256

import ed25519


def need(condition, what):
    if not condition:
        raise SystemExit("WRONG: " + what)


def trusted(text):
    """Keys by (name, ID): type 1 signs checkpoints, type 4 cosignatures."""
    keys = {}
    for line in (line for line in map(str.strip, text.splitlines()) if line and line[0] != "#"):
        name, identity, key = line.split("+", 2)
        key = b64decode(key)
        need(sha256(name.encode() + b"\n" + key).hexdigest()[:8] == identity and key[0] in (1, 4), "a key of " + name)
        keys[name, identity] = key[0], key[1:]
    return keys


def checkpoint(note, keys):
    """The origin, size and root of a note that the log signed, and when trusted witnesses cosigned it."""
    body, signatures = note.rsplit("\n\n", 1)
    text, witnesses, by_log = body + "\n", {}, False
    origin, size, root = body.split("\n")
    for _, name, data in (line.split(" ") for line in signatures.splitlines()):
        data = b64decode(data)
        kind, key = keys.get((name, data[:4].hex()), (0, b""))
        if kind == 1 and name == origin:
            need(ed25519.verify(key, text.encode(), data[4:]), "the signature of " + name)
            by_log = True
        if kind == 4:
            time = int.from_bytes(data[4:12], "big")
            cosigned = "cosignature/v1\ntime %d\n%s" % (time, text)
            need(ed25519.verify(key, cosigned.encode(), data[12:]), "the cosignature of " + name)
            witnesses[name] = time
    need(by_log, "no trusted key signed the checkpoint of " + origin)
    return origin, int(size), b64decode(root), witnesses
