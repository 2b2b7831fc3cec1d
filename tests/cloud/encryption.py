"""Segments that can't be read without a key (RFC 8216, section 4.3.2.4, AES-128).

Owns the keys, how long each is used, and the IVs.
"""

from hashlib import blake2s
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

KEY_SEGMENTS: Final = 4
"""Segments in a row that have one key."""
BLOCK_BYTES: Final = 16


def key_number(segment: int) -> int:
    """Return which key a segment is encrypted with."""
    return segment // KEY_SEGMENTS


def key_bytes(token: str, number: int) -> bytes:
    """Return a key of a stream."""
    return blake2s(f"{token}/{number}/key".encode(), digest_size=BLOCK_BYTES).digest()


def chosen_iv(token: str, number: int) -> bytes:
    """Return the IV that goes with a key, where it does not follow from the segment."""
    return blake2s(f"{token}/{number}/iv".encode(), digest_size=BLOCK_BYTES).digest()


def encrypted(content: bytes, key: bytes, iv: bytes) -> bytes:
    """Return content encrypted and padded."""
    pad = PKCS7(BLOCK_BYTES * 8).padder()
    cipher = Cipher(algorithms.AES128(key), modes.CBC(iv)).encryptor()
    return cipher.update(pad.update(content) + pad.finalize()) + cipher.finalize()


def encrypted_size(size: int) -> int:
    """Return how long so many bytes are when they are encrypted."""
    return (size // BLOCK_BYTES + 1) * BLOCK_BYTES
