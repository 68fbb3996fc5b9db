IFS= read -r name
read -r stop
read -r minutes

case $minutes in
0) when="now" ;;
1) when="in 1 minute" ;;
*) when="in $minutes minutes" ;;
esac

printf 'Good morning, %s!\n' "$name"
printf 'Your train leaves %s from coach stop %s.\n' "$when" "$stop"
