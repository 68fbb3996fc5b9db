# Grows a list.
hog = []
while True:
    hog.append(bytearray(4 << 20))
