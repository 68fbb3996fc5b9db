# Uses no CPU and never ends.
exec sleep 1000
