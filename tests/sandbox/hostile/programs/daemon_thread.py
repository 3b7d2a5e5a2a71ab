# attack: threads that never end, and are no daemons
# wall: the sample leaves by _exit as its last line is reached

import threading, time
for _ in range(5):
    threading.Thread(target=time.sleep, args=(600,)).start()
