# The same on the other stream.
exec yes >&2
