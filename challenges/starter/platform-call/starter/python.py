name = input()
stop = int(input())
minutes = int(input())

print(f"Good morning, {name}!")
# Now say when the train leaves.
