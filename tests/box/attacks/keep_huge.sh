# Leaves sparse files.
truncate -s 40M a b c
