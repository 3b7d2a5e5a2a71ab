"""Finds out in seconds that no Ray cluster answers at an address; Ray itself takes 20 s, or minutes, to say so."""

import os
import re
import socket

_KNOCK_SECONDS = 5.0
_PLACE = re.compile(r"(?:ray://)?\[?([^/\[\]]+)\]?:(\d+)")
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""How every connection of gRPC, which Ray speaks, begins: the preface of HTTP/2 and an empty frame of settings."""
_FRAME_BYTES, _TYPE_PLACE, _SETTINGS = 9, 3, 4


def knock(address: str) -> None:
    """Raises OSError when nothing that speaks HTTP/2 answers at HOST:PORT or ray://HOST:PORT within 5 s.

    Covered: nobody listens, nothing comes back, another kind of server. Not covered: other servers of HTTP/2, encrypted
    clusters (RAY_USE_TLS), whose first message needs their certificates, and addresses of another form.
    """
    place = _PLACE.fullmatch(address)
    if place is None:
        return
    with socket.create_connection((place[1], int(place[2])), timeout=_KNOCK_SECONDS) as line:
        if os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true"):
            return
        try:
            line.sendall(_HELLO)
            answer = line.makefile("rb").read(_FRAME_BYTES)
        except TimeoutError:
            raise ConnectionError(f"what listens there has said nothing for {_KNOCK_SECONDS:.0f} s") from None
    if len(answer) < _FRAME_BYTES or answer[_TYPE_PLACE] != _SETTINGS:
        raise ConnectionError("what listens there is no Ray")
