# attack: internet, abstract unix, netlink, vsock, packet and Bluetooth sockets
# wall: seccomp refuses every socket, and the network namespace is empty

import socket
for family in (1, 2, 10, 16, 17, 31, 38, 40, 44):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind)
        except OSError as error:
            assert error.errno == 1, (family, error)
        else:
            raise SystemExit(f"family {family}")
