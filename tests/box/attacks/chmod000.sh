# Leaves what cannot be read or entered.
mkdir -p a/b/c && echo x >a/b/c/file && chmod 000 a/b/c/file a/b/c a/b a .
exit 0
