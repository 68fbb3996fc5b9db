import sys

# sys.argv[0] is the program itself; the arguments follow it.
shift = int(sys.argv[1])

text = sys.stdin.read()
sys.stdout.write(text)  # turn the letters; what if the argument is bad?
