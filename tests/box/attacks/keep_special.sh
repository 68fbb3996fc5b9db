# Leaves what blocks a reader.
mkfifo main; mkdir folder; mkfifo folder/pipe
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
exit 0
