"""Seals every Python that starts with this folder on its path: no network, and no writing to the checkout.

What is tried on the network is refused and noted in the file that ``SEALED_NOTES`` names, also where the
program hides the refusal. Writing below ``SEALED_CHECKOUT`` is refused as on a read-only disk. The kernel's
own messages do not pass here: they leave Python's sockets out.
"""

import os
import sys

CHECKOUT = os.environ["SEALED_CHECKOUT"] + os.sep
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LOOKING_UP = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
CALLING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
CHANGING = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.symlink", "os.link"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC

# Opened now: once the seal is on, opening it would ask the seal.
notes = os.open(os.environ["SEALED_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def _seal(event: str, args: tuple) -> None:
    if event in LOOKING_UP and args[0] not in (*LOOPBACK, None, ""):
        _refuse_network(event, args[0])
    elif event in CALLING and isinstance(args[1], tuple) and args[1][0] not in LOOPBACK:
        _refuse_network(event, args[1][0])
    elif (event == "open" and args[2] & WRITING) or event in CHANGING:
        path = args[0]
        if isinstance(path, str | bytes) and os.path.abspath(os.fsdecode(path)).startswith(CHECKOUT):
            raise PermissionError(f"read-only checkout: {os.fsdecode(path)}")


def _refuse_network(event: str, host: object) -> None:
    os.write(notes, f"{event} {host}\n".encode())
    raise PermissionError(f"no network here: {event} {host}")


sys.addaudithook(_seal)
