# attack: breaks modules for whoever comes next, and leaves files that are imported first
# wall: every sample is forked from a server that never ran one

import builtins, json, math, os, sys
assert json.loads("[1]") == [1] and math.sqrt(4) == 2 and len([1]) == 1, "an earlier sample was here"
assert not os.listdir("."), "an earlier sample was here"
json.loads = math.sqrt = lambda *_: None
open("json.py", "w").write("raise SystemExit")
os.environ["PYTHONPATH"] = "/tmp"
sys.path.insert(0, "/tmp")
builtins.len = lambda *_: 7
