IFS= read -r name
read -r stop
read -r minutes

printf 'Good morning, %s!\n' "$name"
# Now say when the train leaves.
