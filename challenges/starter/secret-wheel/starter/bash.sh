# $# is the number of arguments, $1 the first one.
shift=$1

cat # turn the letters; what if the argument is bad?
