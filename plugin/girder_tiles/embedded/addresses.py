"""Where services listen: free TCP ports of this machine, and addresses to show."""

import re
import socket

HOST = "127.0.0.1"


def free_port(preferred: int | None = None) -> int:
    """Return the preferred port if nobody listens there, else one that the system picks."""
    if preferred is not None and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Return whether a server could listen on the port now."""
    with socket.socket() as probe:
        # As servers do, so that connections of an earlier server in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def without_password(url: str) -> str:
    """Return the URL without the user and password it may hold."""
    return re.sub(r"//[^/@]*@", "//", url)
