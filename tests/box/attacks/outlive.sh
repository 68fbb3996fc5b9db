# Children that outlive the program and keep its output open.
(trap '' HUP TERM; sleep 1000) &
setsid sleep 1000 &
nohup sleep 1000 >/dev/null 2>&1 &
echo done
