# attack: a library to be preloaded, a startup file and a path for the children it starts
# wall: what it starts is in the same sample, and gone with it

import os, subprocess, sys
open("sitecustomize.py", "w").write("import os; os.system('sleep 600 &')")
environment = {"LD_PRELOAD": "/tmp/evil.so", "PYTHONPATH": "/tmp", "FAKETIME": "-10y"}
subprocess.run([sys.executable, "-c", "pass"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
