# Looks like a crash, is none.
exit 139
