"""Hides how long a text is: whole blocks for summaries, Padmé for long text."""

from tmr.crypto.errors import DecryptionError

BLOCK_BYTES = 512
MARK = b"\x80"


def pad_to_block(content: bytes, block: int = BLOCK_BYTES) -> bytes:
    """Pad to the next multiple of ``block`` bytes (mark and zeros, ISO/IEC 7816-4)."""
    return _pad(content, -(-(len(content) + 1) // block) * block)


def pad_padme(content: bytes) -> bytes:
    """Pad to the next Padmé length: at most 12 % more, and O(log log n) bits leak (Nikitin et al., PETS 2019)."""
    return _pad(content, max(padme_length(len(content) + 1), 64))


def padme_length(length: int) -> int:
    """Return the Padmé length for ``length`` bytes."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (length + mask) & ~mask


def unpad(padded: bytes) -> bytes:
    """Return the content, or raise ``DecryptionError`` when no mark is there."""
    end = padded.rfind(MARK)  # found from the end: stripping the zeros off took longer than the decryption
    if end < 0 or not padded.endswith(bytes(len(padded) - end - 1)):
        raise DecryptionError
    return padded[:end]


def _pad(content: bytes, length: int) -> bytes:
    return content + MARK + bytes(length - len(content) - 1)
