# Leaves a deep tree.
for i in $(seq 200); do mkdir d && cd d || exit 0; echo x >file; done
exit 0
