# Computes without end, and will not be told.
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
