# attack: endless output
# wall: output is read without end, kept to 64 KiB, and stopped at its limit
# limits: output_kb=2000
# endings: output limit
# finished: no

while True:
    print("x" * 10_000)
