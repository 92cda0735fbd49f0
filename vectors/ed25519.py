"""Ed25519 verification, RFC 8032 §5.1.7, with nothing but Python's standard library (3.8 or newer). Slow and plain, as nothing here is secret."""

from hashlib import sha512

# §5.1: the curve −x² + y² = 1 + d x² y² modulo P, whose base point has order L. Points are (x, y).
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


def decode(data):
    """§5.1.3: the point of 32 bytes, or None."""
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verify(key, message, signature):
    """Whether the owner of a key of 32 bytes signed a message."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r, s = decode(key), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    return times(s, BASE) == add(r, times(k, a))
