"""The virus scanner, where the school runs one: ClamAV's daemon, asked over its own socket. Off unless it is set up.

`CONDUCT_CLAMAV` says where it listens: `host:port`, or `unix:/path`. What cannot be scanned is not taken.
"""

import socket
import struct
from typing import BinaryIO

from django.conf import settings

SECONDS = 60
PIECE = 64 * 1024
LONGEST_ANSWER = 4096
TOO_LARGE = "size limit exceeded"


class NotScanned(Exception):
    """The scanner did not say whether the file is clean."""


def found_in(stream: BinaryIO) -> str:
    """The name of what the scanner found in a file; nothing for a clean one, or where no scanner is set up."""
    if not settings.CLAMAV:
        return ""
    try:
        answer = asked(stream, settings.CLAMAV)
    except (OSError, ValueError) as problem:
        raise NotScanned("The virus scanner cannot be reached") from problem
    if answer.endswith("FOUND"):
        return answer.removeprefix("stream:").removesuffix("FOUND").strip()
    if answer.endswith("OK"):
        return ""
    raise NotScanned("It is larger than the virus scanner takes" if TOO_LARGE in answer else "The virus scanner failed")


def asked(stream: BinaryIO, address: str) -> str:
    """What the daemon answers to the whole file, sent piece by piece (its command INSTREAM)."""
    stream.seek(0)
    with connected(address) as to:
        try:
            to.sendall(b"zINSTREAM\0")
            while piece := stream.read(PIECE):
                to.sendall(struct.pack(">I", len(piece)) + piece)
            to.sendall(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has stopped listening, and its answer says why
        return answer_of(to)


def connected(address: str) -> socket.socket:
    if address.startswith("unix:"):
        to = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        to.settimeout(SECONDS)
        try:
            to.connect(address.removeprefix("unix:"))
        except OSError:
            to.close()
            raise
        return to
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)


def answer_of(to: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER and (more := to.recv(LONGEST_ANSWER)):
        answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
