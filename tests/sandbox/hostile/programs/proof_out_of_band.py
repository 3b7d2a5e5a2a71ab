# attack: sends its proof's reader descriptors, urgent bytes and empty packets
# wall: it takes packets only, and none of what comes beside them
# finished: no

import os, socket
channel = socket.socket(fileno=os.dup(3))
for send in (
    lambda: channel.send(b"x", socket.MSG_OOB),
    lambda: channel.send(b""),
    lambda: socket.send_fds(channel, [b"x"], [0, 1, 2]),
    lambda: channel.shutdown(socket.SHUT_WR),
):
    try:
        send()
    except OSError:
        pass
