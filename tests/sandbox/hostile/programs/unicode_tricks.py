# attack: a byte-order mark, a coding line that lies, bidirectional marks and a form feed in the source
# wall: the source is text, never bytes to be decoded anew

# -*- coding: rot13 -*-
x = "‮⁦1⁩⁦"
assert len(x) == 5
assert ("print" == "cevag") is False
