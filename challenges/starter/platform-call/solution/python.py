name = input()
stop = input()
minutes = int(input())

if minutes == 0:
    when = "now"
elif minutes == 1:
    when = "in 1 minute"
else:
    when = f"in {minutes} minutes"

print(f"Good morning, {name}!")
print(f"Your train leaves {when} from coach stop {stop}.")
